//! Binary operators: which series of the one side meet which of the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use promql_parser::parser::{BinaryExpr, LabelModifier, VectorMatchCardinality};

use super::super::interpolate::ANY;
use super::super::truth::{LabelSet, value};
use super::defect::{Defect, Said};
use super::quantity::{Quantity, What};
use super::selector::listed;
use super::walk::{Flow, Under, Walk};

impl Walk<'_> {
    pub(super) fn binary(&mut self, binary: &BinaryExpr, under: Under) -> Flow {
        let op = binary.op.to_string();
        let inside = Under { rate: None, ..under };
        let left = self.flow(&binary.lhs, inside);
        let right = self.flow(&binary.rhs, inside);
        let quantity = quantity(&op, &left, &right, binary.return_bool());
        let series = match (left.scalar, right.scalar) {
            (true, true) => return Flow { quantity, ..Flow::scalar(folded(&op, left.number, right.number)) },
            (true, false) => right.series,
            (false, true) => left.series,
            (false, false) => match op.as_str() {
                "or" => left.series.zip(right.series).map(|(left, right)| left.into_iter().chain(right).collect()),
                "unless" => left.series,
                _ => self.meet(binary, &op, left.series, right.series),
            },
        };
        Flow { series, quantity, ..Flow::default() }
    }

    fn meet(
        &mut self,
        binary: &BinaryExpr,
        op: &str,
        left: Option<Vec<LabelSet>>,
        right: Option<Vec<LabelSet>>,
    ) -> Option<Vec<LabelSet>> {
        let (left, right) = (left?, right?);
        let modifier = binary.modifier.as_ref();
        let matching = modifier.and_then(|modifier| modifier.matching.as_ref());
        let filled =
            modifier.is_some_and(|modifier| modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some());
        let vague: BTreeSet<&str> = left
            .iter()
            .chain(&right)
            .flatten()
            .filter(|(_, value)| value.contains(ANY))
            .map(|(name, _)| &**name)
            .collect();
        let key = |labels: &LabelSet| -> Vec<(Arc<str>, Arc<str>)> {
            let counts = |name: &str| match matching {
                Some(LabelModifier::Include(on)) => on.labels.iter().any(|it| it == name),
                Some(LabelModifier::Exclude(out)) => !out.labels.iter().any(|it| it == name),
                None => true,
            };
            let any: Arc<str> = Arc::from(ANY);
            let kept = labels.iter().filter(|(name, _)| counts(name));
            // Where one side's value is not known, it may be the other's.
            kept.map(|(name, value)| {
                (Arc::clone(name), if vague.contains(&**name) { Arc::clone(&any) } else { Arc::clone(value) })
            })
            .collect()
        };
        let right_keys: BTreeSet<_> = right.iter().map(key).collect();
        let met: Vec<&LabelSet> = left.iter().filter(|labels| right_keys.contains(&key(labels))).collect();
        if met.is_empty() && !left.is_empty() && !right.is_empty() && !filled {
            self.never_matches(op, &left, &right, matching);
            return None;
        }
        let extra = |many: &[LabelSet], include: &[String]| -> Vec<LabelSet> {
            let with = |labels: &LabelSet| {
                let mut labels = labels.clone();
                for name in include.iter().filter(|name| value(&labels, name).is_none()).collect::<Vec<_>>() {
                    labels.push((Arc::from(name.as_str()), Arc::from(ANY)));
                }
                labels.sort_unstable();
                labels
            };
            many.iter().map(with).collect()
        };
        let card = modifier.map(|modifier| &modifier.card);
        Some(match card {
            _ if op == "and" => met.into_iter().cloned().collect(),
            Some(VectorMatchCardinality::ManyToOne(include)) => extra(&left, &include.labels),
            Some(VectorMatchCardinality::OneToMany(include)) => extra(&right, &include.labels),
            // A comparison keeps the left side's labels, arithmetic those that were matched by.
            _ => match matching {
                Some(LabelModifier::Include(on)) if !is_comparison(op) => {
                    super::walk::project(&left, |name| on.labels.iter().any(|it| it == name))
                }
                Some(LabelModifier::Exclude(out)) if !is_comparison(op) => {
                    super::walk::project(&left, |name| !out.labels.iter().any(|it| it == name))
                }
                _ => met.into_iter().cloned().collect(),
            },
        })
    }

    fn never_matches(&mut self, op: &str, left: &[LabelSet], right: &[LabelSet], matching: Option<&LabelModifier>) {
        let names = |series: &[LabelSet]| -> BTreeSet<String> {
            series.iter().flatten().map(|(name, _)| name.to_string()).collect()
        };
        let (one, two) = (names(left), names(right));
        let only = |one: &BTreeSet<String>, two: &BTreeSet<String>| {
            let only: Vec<&str> = one.difference(two).map(String::as_str).collect();
            if only.is_empty() { "none of its own".to_owned() } else { listed(&only) }
        };
        let found = if one == two {
            "the same labels on both sides, with no value in common".to_owned()
        } else {
            format!(
                "labels of the left side alone: {}; of the right side alone: {}",
                only(&one, &two),
                only(&two, &one)
            )
        };
        let by = match matching {
            Some(LabelModifier::Include(on)) => format!("equal values of {on}"),
            Some(LabelModifier::Exclude(out)) => format!("equal labels, {out} left out"),
            None => "equal labels".to_owned(),
        };
        self.said.push(
            Said::new(
                Defect::NeverMatches,
                "",
                format!("no series on the left of `{op}` meets one on the right: the result is empty"),
            )
            .wanted(format!("series with {by} on both sides"))
            .found(found)
            .hint("group both sides by the same labels, or name those that count with `on (…)` or `ignoring (…)`")
            .mark(op),
        );
    }
}

fn is_comparison(op: &str) -> bool {
    matches!(op, "==" | "!=" | ">" | "<" | ">=" | "<=")
}

fn folded(op: &str, left: Option<f64>, right: Option<f64>) -> Option<f64> {
    let (left, right) = (left?, right?);
    Some(match op {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "^" => left.powf(right),
        _ => return None,
    })
}

fn quantity(op: &str, left: &Flow, right: &Flow, returns_bool: bool) -> Option<Quantity> {
    match op {
        _ if returns_bool => None,
        _ if is_comparison(op) => left.quantity,
        "and" | "unless" => left.quantity,
        "or" => match (left.quantity, right.quantity) {
            (Some(left), Some(right)) => (left == right).then_some(left),
            // `or vector(0)`
            (left, None) if right.number.is_some() => left,
            _ => None,
        },
        "*" => match (left.quantity, right.quantity, left.number, right.number) {
            (Some(quantity), None, _, Some(factor)) | (None, Some(quantity), Some(factor), _) => quantity.times(factor),
            _ => None,
        },
        "/" => match (left.quantity, right.quantity, right.number) {
            (Some(left), Some(right), _) => left.over(right),
            (Some(left), None, Some(divisor)) if divisor != 0.0 => left.times(1.0 / divisor),
            _ => None,
        },
        "+" | "-" => match (left.quantity, right.quantity) {
            (Some(one), Some(two)) => one.plus(two, op == "-"),
            // `1 - ratio`
            (Some(one), None) if right.number.is_some() => {
                Some(one).filter(|it| it.what == What::Ratio || right.number == Some(0.0))
            }
            (None, Some(two)) if left.number.is_some() => {
                Some(two).filter(|it| it.what == What::Ratio || it.what == What::Time && it.per_second)
            }
            _ => None,
        },
        _ => None,
    }
}
