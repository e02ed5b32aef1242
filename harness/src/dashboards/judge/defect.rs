//! What can be wrong with an expression, and what that is called in a finding.

use super::excerpt::excerpt;
use crate::finding::{Finding, Level, Place, Signal};

/// What an expression belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum On {
    /// A panel or an annotation.
    Panel,
    /// A variable.
    Variable,
    /// A rule of Prometheus.
    Rule,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    Syntax,
    VariableUnknown,
    MetricMissing,
    LabelMissing,
    LabelValue,
    NeverMatches,
    RateOnGauge,
    RawCounter,
    QuantileWithoutLe,
    QuantileNotBuckets,
    QuantileWithoutRate,
    QuantileClamped,
    LegendLabel,
    Unit,
    RangeShort,
}

impl Defect {
    fn id(self, on: On) -> &'static str {
        match (on, self) {
            (On::Variable, Self::MetricMissing) => "variable.metric-missing",
            (On::Variable, Self::LabelMissing | Self::LegendLabel) => "variable.label-missing",
            (On::Variable, Self::LabelValue) => "variable.label-value",
            (On::Variable, _) => "variable.query",
            (On::Rule, Self::MetricMissing) => "rule.metric-missing",
            (On::Rule, Self::LabelMissing | Self::LegendLabel) => "rule.label-missing",
            (On::Rule, Self::LabelValue) => "rule.label-value",
            (On::Rule, _) => "rule.query",
            (On::Panel, Self::Syntax) => "panel.query-invalid",
            (On::Panel, Self::VariableUnknown) => "panel.variable-unknown",
            (On::Panel, Self::MetricMissing) => "panel.metric-missing",
            (On::Panel, Self::LabelMissing) => "panel.label-missing",
            (On::Panel, Self::LabelValue) => "panel.label-value",
            (On::Panel, Self::NeverMatches) => "panel.never-matches",
            (On::Panel, Self::RateOnGauge) => "panel.rate-on-gauge",
            (On::Panel, Self::RawCounter) => "panel.raw-counter",
            (On::Panel, Self::QuantileWithoutLe) => "panel.quantile-without-le",
            (On::Panel, Self::QuantileNotBuckets) => "panel.quantile-not-buckets",
            (On::Panel, Self::QuantileWithoutRate) => "panel.quantile-without-rate",
            (On::Panel, Self::QuantileClamped) => "panel.quantile-clamped",
            (On::Panel, Self::LegendLabel) => "panel.legend-label",
            (On::Panel, Self::Unit) => "panel.unit",
            (On::Panel, Self::RangeShort) => "panel.range-short",
        }
    }

    /// Whether the expression gives no data, or an error, because of it.
    pub(super) fn empties(self) -> bool {
        matches!(
            self,
            Self::Syntax
                | Self::VariableUnknown
                | Self::MetricMissing
                | Self::LabelMissing
                | Self::LabelValue
                | Self::NeverMatches
                | Self::QuantileWithoutLe
                | Self::QuantileNotBuckets
                | Self::RangeShort
        )
    }
}

/// One thing wrong with an expression.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) defect: Defect,
    pub(super) level: Level,
    /// What of the expression it is about: a metric, a label. Part of the finding's subject.
    pub(super) about: String,
    pub(super) message: String,
    pub(super) wanted: String,
    pub(super) found: String,
    pub(super) hint: String,
    /// The text of the expression to mark.
    pub(super) mark: String,
}

impl Said {
    pub(super) fn new(defect: Defect, about: &str, message: impl Into<String>) -> Self {
        Self {
            defect,
            level: Level::Violation,
            about: about.to_owned(),
            message: message.into(),
            wanted: String::new(),
            found: String::new(),
            hint: String::new(),
            mark: about.to_owned(),
        }
    }

    pub(super) fn level(self, level: Level) -> Self {
        Self { level, ..self }
    }

    pub(super) fn wanted(self, wanted: impl Into<String>) -> Self {
        Self { wanted: wanted.into(), ..self }
    }

    pub(super) fn found(self, found: impl Into<String>) -> Self {
        Self { found: found.into(), ..self }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub(super) fn mark(self, mark: impl Into<String>) -> Self {
        Self { mark: mark.into(), ..self }
    }
}

/// Where an expression stands.
#[derive(Clone, Debug)]
pub(super) struct Asked<'e> {
    pub(super) on: On,
    /// For subjects: `rag-pipeline / Errors / A`.
    pub(super) subject: String,
    /// For readers: `rag.json › Errors (panel 4) › A`.
    pub(super) path: String,
    /// As it is written.
    pub(super) expr: &'e str,
}

impl Asked<'_> {
    /// The finding that says `said`.
    pub(super) fn finding(&self, said: Said) -> Finding {
        let subject =
            if said.about.is_empty() { self.subject.clone() } else { format!("{} / {}", self.subject, said.about) };
        let path = format!("{}\n{}", self.path, excerpt(self.expr, &said.mark));
        Finding {
            level: said.level,
            id: said.defect.id(self.on),
            check: "",
            signal: Signal::Dashboard,
            subject,
            place: Place { path, ..Place::default() },
            message: said.message,
            wanted: said.wanted,
            found: said.found,
            hint: said.hint,
            more: 0,
        }
    }
}
