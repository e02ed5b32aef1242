//! Walks an expression from its selectors outwards: which series there are, with which labels, measuring what.
//!
//! The series followed are at least those that there would be: where a value is not known, everything passes. So what is
//! found missing is missing for sure; what is not found may still be missing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use promql_parser::label::Matcher;
use promql_parser::parser::{AggregateExpr, Expr, LabelModifier, VectorSelector};

use super::super::interpolate::ANY;
use super::super::truth::{LabelSet, Truth};
use super::defect::Said;
use super::quantity::{Quantity, What};

/// Most series of one expression that are followed; of more, labels and matches are not judged.
pub(super) const MOST_SERIES: usize = 20_000;

/// What flows out of a part of an expression.
#[derive(Clone, Debug, Default)]
pub(super) struct Flow {
    /// Its series; `None` if they are not known.
    pub(super) series: Option<Vec<LabelSet>>,
    /// What its values are; `None` if that is not known.
    pub(super) quantity: Option<Quantity>,
    /// The number, where it is one.
    pub(super) number: Option<f64>,
    /// Whether it is one number without labels.
    pub(super) scalar: bool,
}

impl Flow {
    pub(super) fn scalar(number: Option<f64>) -> Self {
        Self { number, scalar: true, ..Self::default() }
    }
}

/// What surrounds a part of an expression.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Under {
    /// Whether something around makes the raw value of a counter meaningful: a rate, a count, a change.
    pub(super) counted: bool,
    /// Whether the function right around takes a rate.
    pub(super) rate: Option<&'static str>,
    /// Whether it is inside of `histogram_quantile`.
    pub(super) quantile: bool,
}

/// One walk over one expression.
pub(super) struct Walk<'t> {
    pub(super) truth: &'t Truth,
    /// Whether values that were not seen are a defect.
    pub(super) all_happened: bool,
    /// Time between two scrapes, where known.
    pub(super) interval: Option<Duration>,
    /// Labels named in the expression or the legend that only Prometheus would add.
    pub(super) of_targets: Vec<Arc<str>>,
    /// Whether a raw counter is worth a remark.
    pub(super) graph: bool,
    /// Labels that any selected series has.
    pub(super) selected: BTreeSet<Arc<str>>,
    /// What was found.
    pub(super) said: Vec<Said>,
}

impl Walk<'_> {
    /// Follows `expr`.
    pub(super) fn flow(&mut self, expr: &Expr, under: Under) -> Flow {
        match expr {
            Expr::VectorSelector(selector) => self.selector(selector, under),
            Expr::MatrixSelector(matrix) => {
                self.range(matrix.range, &matrix.vs, under);
                self.selector(&matrix.vs, under)
            }
            Expr::Paren(inner) => self.flow(&inner.expr, under),
            Expr::Unary(inner) => self.flow(&inner.expr, under),
            Expr::Subquery(inner) => self.flow(&inner.expr, Under { rate: None, ..under }),
            Expr::NumberLiteral(number) => Flow::scalar(Some(number.val)),
            Expr::StringLiteral(_) => Flow::scalar(None),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate, under),
            Expr::Binary(binary) => self.binary(binary, under),
            Expr::Call(call) => self.call(call, under),
            Expr::Extension(_) => Flow::default(),
        }
    }

    fn aggregate(&mut self, aggregate: &AggregateExpr, under: Under) -> Flow {
        let op = aggregate.op.to_string();
        let counts = matches!(op.as_str(), "count" | "group" | "count_values");
        if let Some(param) = &aggregate.param {
            self.flow(param, under);
        }
        let inner = self.flow(&aggregate.expr, Under { counted: under.counted || counts, ..under });
        let keeps_series = matches!(op.as_str(), "topk" | "bottomk" | "limitk" | "limit_ratio");
        let quantity = match op.as_str() {
            "sum" | "avg" | "min" | "max" | "quantile" | "stddev" => inner.quantity,
            "count" | "count_values" => Some(Quantity::new(What::Count, 1.0)),
            _ if keeps_series => inner.quantity,
            _ => None,
        };
        if let (Some(LabelModifier::Include(by)), Some(series)) = (&aggregate.modifier, &inner.series) {
            self.grouping(&by.labels, series, under);
        }
        if keeps_series {
            return Flow { series: inner.series, quantity, ..Flow::default() };
        }
        let series = inner.series.and_then(|series| match &aggregate.modifier {
            Some(LabelModifier::Include(by)) if by.labels.iter().any(|label| label.contains(ANY)) => None,
            Some(LabelModifier::Include(by)) => Some(project(&series, |label| by.labels.iter().any(|it| it == label))),
            Some(LabelModifier::Exclude(out)) if out.labels.iter().any(|label| label.contains(ANY)) => None,
            Some(LabelModifier::Exclude(out)) => {
                Some(project(&series, |label| !out.labels.iter().any(|it| it == label)))
            }
            None => Some(project(&series, |_| false)),
        });
        let series = match (op.as_str(), aggregate.param.as_deref()) {
            // The values become a label.
            ("count_values", Some(Expr::StringLiteral(name))) => series.map(|all| add(&all, &name.val)),
            _ => series,
        };
        Flow { series, quantity, ..Flow::default() }
    }

    /// Looks whether the labels grouped by are there.
    fn grouping(&mut self, by: &[String], series: &[LabelSet], under: Under) {
        for label in by.iter().filter(|label| !label.contains(ANY)) {
            let there = series.iter().flatten().any(|(name, _)| **name == **label);
            // A quantile says itself that its buckets are gone.
            if there || (label == "le" && under.quantile) || series.is_empty() {
                continue;
            }
            self.label_missing(label, series);
        }
    }
}

/// The series with the labels that `keep` names, each once.
pub(super) fn project(series: &[LabelSet], keep: impl Fn(&str) -> bool) -> Vec<LabelSet> {
    let mut kept: Vec<LabelSet> =
        series.iter().map(|labels| labels.iter().filter(|(name, _)| keep(name)).cloned().collect()).collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The series with one label more, whose value is not known.
pub(super) fn add(series: &[LabelSet], label: &str) -> Vec<LabelSet> {
    let any: Arc<str> = Arc::from(ANY);
    series
        .iter()
        .map(|labels| {
            let mut labels: LabelSet = labels.iter().filter(|(name, _)| **name != *label).cloned().collect();
            labels.push((Arc::from(label), Arc::clone(&any)));
            labels.sort_unstable();
            labels
        })
        .collect()
}

/// The selectors in `expr`.
pub(super) fn selectors<'e>(expr: &'e Expr, found: &mut Vec<&'e VectorSelector>) {
    match expr {
        Expr::VectorSelector(selector) => found.push(selector),
        Expr::MatrixSelector(matrix) => found.push(&matrix.vs),
        Expr::Paren(inner) => selectors(&inner.expr, found),
        Expr::Unary(inner) => selectors(&inner.expr, found),
        Expr::Subquery(inner) => selectors(&inner.expr, found),
        Expr::Aggregate(inner) => selectors(&inner.expr, found),
        Expr::Binary(inner) => {
            selectors(&inner.lhs, found);
            selectors(&inner.rhs, found);
        }
        Expr::Call(call) => call.args.args.iter().for_each(|argument| selectors(argument, found)),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The name that a selector names outright.
pub(super) fn name_of(selector: &VectorSelector) -> Option<&str> {
    selector.name.as_deref().or_else(|| {
        let named = selector.matchers.matchers.iter().find(|matcher| is_exact_name(matcher))?;
        Some(named.value.as_str())
    })
}

pub(super) fn is_exact_name(matcher: &Matcher) -> bool {
    matcher.name == "__name__" && matches!(matcher.op, promql_parser::label::MatchOp::Equal)
}
