//! Expectations on values that nothing could meet.

use std::collections::BTreeMap;

use super::super::{Expect, Predicate, TypeName};
use crate::yaml::{Cursor, Problem};

/// Looks at each expectation of a map of attributes or labels.
pub(super) fn all(at: Cursor<'_>, expectations: &BTreeMap<String, Expect>, problems: &mut Vec<Problem>) {
    for (key, expect) in expectations {
        one(at.key(key), key, expect, problems);
    }
}

/// Looks at the expectation on `key`.
pub(super) fn one(at: Cursor<'_>, key: &str, expect: &Expect, problems: &mut Vec<Problem>) {
    let Expect::Holds(predicate) = expect else { return };
    if let Some(contradiction) = contradiction(predicate) {
        problems.push(at.problem(format!("nothing can be `{key}`: {contradiction}")));
    }
}

fn contradiction(predicate: &Predicate) -> Option<String> {
    let Predicate { of_type, one_of, min, max, matches, optional, absent } = predicate;
    let mut others = Vec::new();
    for (name, given) in [
        ("type", of_type.is_some()),
        ("one-of", one_of.is_some()),
        ("min", min.is_some()),
        ("max", max.is_some()),
        ("matches", matches.is_some()),
        ("optional", *optional),
    ] {
        if given {
            others.push(format!("`{name}`"));
        }
    }
    if *absent && !others.is_empty() {
        return Some(format!("`absent` stands beside {}; keep `absent` alone, or remove it", others.join(", ")));
    }
    if [min, max].into_iter().flatten().any(|bound| !bound.is_finite()) {
        return Some("a bound is not a finite number; leave it out if there is none".to_owned());
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Some(format!("`min` {min} is above `max` {max}; swap them"));
    }
    let bounded = min.is_some() || max.is_some();
    if bounded && matches.is_some() {
        return Some("`min` and `max` are for numbers and `matches` is for text; keep one".to_owned());
    }
    if let Some(allowed) = one_of
        && allowed.is_empty()
    {
        return Some("`one-of` is an empty list; name the values".to_owned());
    }
    let of_type = (*of_type)?;
    if bounded && !matches!(of_type, TypeName::Int | TypeName::Double) {
        return Some(format!("`min` and `max` are for numbers, and the type is {}", of_type.name()));
    }
    if matches.is_some() && of_type != TypeName::String {
        return Some(format!("`matches` is for text, and the type is {}", of_type.name()));
    }
    let odd = one_of.iter().flatten().find(|scalar| scalar.type_name() != of_type.name())?;
    Some(format!("`one-of` has {odd}, which is {}, and the type is {}", odd.type_name(), of_type.name()))
}
