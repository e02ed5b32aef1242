//! Attributes of a span against what its plan expects.

use super::plan::Plan;
use crate::capture::{Attributes, Span, SpanKind, Str, Value};
use crate::contract::{Expect, Mismatch};
use crate::conventions::{known_attribute, successor};

/// Most orders of attributes remembered for one plan.
const MOST_LAYOUTS: usize = 16;

/// An order of attribute keys that a plan has met: which value answers to which expectation.
pub(super) struct Layout {
    kind: SpanKind,
    /// Addresses and lengths of the keys, which are shared strings of the capture.
    keys: Vec<(usize, usize)>,
    /// Position of the attribute and of its expectation.
    pairs: Vec<(usize, usize)>,
}

/// One thing that is wrong with an attribute.
pub(super) struct Wrong<'p> {
    pub(super) key: &'p str,
    pub(super) what: What,
    pub(super) wanted: Option<&'p Expect>,
    pub(super) found: Option<&'p Value>,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is not as expected.
    Mismatch(Mismatch),
    /// Nobody expects it.
    Unexpected,
    /// Its key is there twice.
    Duplicate,
}

/// Whether everything expected of the attributes holds. Compares keys by address where it can.
pub(super) fn hold(plan: &mut Plan<'_>, span: &Span) -> bool {
    if let Some(layout) = plan.layouts.iter().find(|layout| layout.is_of(span)) {
        let values = span.attributes.as_slice();
        return layout.pairs.iter().all(|(at, expect)| {
            plan.attributes[*expect].1.mismatch(values.get(*at).map(|(_, value)| value)).is_none()
        });
    }
    if wrong(plan, span).next().is_some() {
        return false;
    }
    if plan.layouts.len() < MOST_LAYOUTS {
        let layout = Layout::new(plan, span);
        plan.layouts.push(layout);
    }
    true
}

impl Layout {
    /// Remembers the order of a span whose attributes hold.
    fn new(plan: &Plan<'_>, span: &Span) -> Self {
        let values = span.attributes.as_slice();
        let pairs = plan.attributes.iter().enumerate().filter_map(|(expect, (key, _))| {
            let at = values.iter().position(|(name, _)| &**name == *key)?;
            Some((at, expect))
        });
        Self { kind: span.kind, keys: values.iter().map(|(key, _)| address(key)).collect(), pairs: pairs.collect() }
    }

    fn is_of(&self, span: &Span) -> bool {
        let values = span.attributes.as_slice();
        self.kind == span.kind
            && self.keys.len() == values.len()
            && self.keys.iter().zip(values).all(|(known, (key, _))| *known == address(key))
    }
}

fn address(key: &Str) -> (usize, usize) {
    (key.as_ptr().addr(), key.len())
}

/// Everything wrong with the attributes of `span`: in the contract's order, then what is too much.
pub(super) fn wrong<'p>(plan: &'p Plan<'_>, span: &'p Span) -> impl Iterator<Item = Wrong<'p>> {
    let expected = mismatches(plan.attributes.iter().copied(), &span.attributes);
    let surplus = span.attributes.iter().enumerate().filter_map(|(at, (key, value))| {
        let duplicate = span.attributes.iter().take(at).any(|(earlier, _)| earlier == key);
        let expected = || {
            plan.attributes.iter().map(|(wanted, _)| wanted).chain(&plan.welcome).any(|known| **known == **key)
                // That a key has a new name is said by the conventions.
                || plan.conventions && (known_attribute(span, key) || successor(key).is_some())
        };
        let what = if duplicate {
            What::Duplicate
        } else if plan.closed && !expected() {
            What::Unexpected
        } else {
            return None;
        };
        Some(Wrong { key, what, wanted: None, found: Some(value) })
    });
    expected.chain(surplus)
}

/// What differs from `expected`.
pub(super) fn mismatches<'p>(
    expected: impl Iterator<Item = (&'p str, &'p Expect)>,
    attributes: &'p Attributes,
) -> impl Iterator<Item = Wrong<'p>> {
    expected.filter_map(move |(key, expect)| {
        let found = attributes.get(key);
        let what = What::Mismatch(expect.mismatch(found)?);
        Some(Wrong { key, what, wanted: Some(expect), found })
    })
}
