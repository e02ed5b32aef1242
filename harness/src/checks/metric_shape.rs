//! What the contract and the conventions together want of a metric.

use std::borrow::Cow;

use super::label;
use crate::capture::{Attributes, Family, Value};
use crate::contract::{Contract, Expect, MetricKindName, MetricRule, Predicate, Range};
use crate::conventions::{self, LabelRule, MetricConvention, Presence};

/// What is wanted of a metric. What the contract says wins over the conventions.
pub(super) struct Shape<'c> {
    pub(super) kind: Option<&'static str>,
    pub(super) unit: Option<&'c str>,
    pub(super) buckets: Option<&'c [f64]>,
    pub(super) labels: Labels<'c>,
    /// Only if the contract names the metric.
    pub(super) series: Option<Range>,
}

/// What is wanted of a metric's labels.
pub(super) struct Labels<'c> {
    pub(super) named: Vec<(&'c str, Wanted<'c>)>,
    /// Whether there may be others.
    pub(super) open: bool,
}

/// What is wanted of one label.
pub(super) enum Wanted<'c> {
    Contract(&'c Expect),
    Convention(&'static LabelRule),
}

impl<'c> Shape<'c> {
    /// What is wanted of `family`; `None` if neither contract nor conventions speak of it.
    pub(super) fn of(family: &Family, contract: &'c Contract) -> Option<Self> {
        let rule = contract.metrics.get(&*family.name);
        let convention =
            conventions::metric(&family.name).filter(|convention| contract.conventions.contains(&convention.pack));
        match (rule, convention) {
            (None, None) => None,
            // An optional metric that was declared and never recorded is as good as none.
            (Some(rule), _) if rule.optional && family.points.is_empty() => None,
            (rule, convention) => Some(Self::merge(rule, convention)),
        }
    }

    fn merge(rule: Option<&'c MetricRule>, convention: Option<&'static MetricConvention>) -> Self {
        let kind = rule.and_then(|rule| rule.kind).map(MetricKindName::name);
        let unit = rule.and_then(|rule| rule.unit.as_deref());
        let buckets = rule.and_then(|rule| rule.buckets.as_deref());
        let advised = convention.map(|it| it.buckets).filter(|bounds| !bounds.is_empty());

        let mut named: Vec<(&str, Wanted<'_>)> = Vec::new();
        for (name, expect) in rule.iter().flat_map(|rule| &rule.labels) {
            named.push((name, Wanted::Contract(expect)));
        }
        for label in convention.iter().flat_map(|convention| convention.labels) {
            if !named.iter().any(|(name, _)| label::same(name, label.name)) {
                named.push((label.name, Wanted::Convention(label)));
            }
        }
        Self {
            kind: kind.or(convention.map(|it| it.kind.name())),
            unit: unit.or(convention.map(|it| it.unit)),
            buckets: buckets.or(advised),
            // The conventions allow labels of one's own.
            labels: Labels { named, open: rule.is_none_or(|rule| rule.open_labels) },
            series: rule.map(|rule| rule.series.unwrap_or(Range { min: 1, max: None })),
        }
    }
}

impl Wanted<'_> {
    /// Whether a series with these labels must have this one.
    pub(super) fn is_needed(&self, labels: &Attributes) -> bool {
        match self {
            Self::Contract(expect) => !expect.allows_absence(),
            Self::Convention(rule) => match rule.need {
                Presence::Always => true,
                Presence::When(condition) => condition(labels),
                Presence::Never => false,
            },
        }
    }

    /// Whether the contract says that there must be no such label.
    pub(super) fn is_forbidden(&self) -> bool {
        matches!(self, Self::Contract(Expect::Holds(predicate)) if matches!(**predicate, Predicate { absent: true, .. }))
    }

    /// Whether the label may have this value.
    pub(super) fn admits(&self, value: &Value) -> bool {
        match self {
            Self::Contract(expect) => label::mismatch(expect, Some(value)).is_none(),
            Self::Convention(rule) => (rule.holds)(&label::text(value)),
        }
    }

    /// What is wanted, in words.
    pub(super) fn wanted(&self) -> Cow<'static, str> {
        match self {
            Self::Contract(expect) => Cow::Owned(expect.to_string()),
            Self::Convention(rule) => Cow::Borrowed(rule.wanted),
        }
    }
}
