//! Expectations on metrics.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Expect, Range};

/// What holds for a metric, by its Prometheus name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MetricRule {
    /// `counter`, `gauge`, `histogram`, `exponential-histogram` or `summary`.
    pub kind: Option<MetricKindName>,
    /// UCUM unit: `s`, `By`, `1`, `{token}`.
    pub unit: Option<String>,
    /// Labels by name. All of them: a label that is not named is a finding, unless `open-labels`.
    #[serde(default)]
    pub labels: BTreeMap<String, Expect>,
    /// Whether there may be labels that are not named.
    #[serde(default)]
    pub open_labels: bool,
    /// Upper bounds of a histogram's buckets in rising order, without infinity.
    pub buckets: Option<Vec<f64>>,
    /// How many label sets there are at the end of the run; at least one if absent.
    pub series: Option<Range>,
    /// Whether the metric must have exemplars; it may have some if absent.
    pub exemplars: Option<ExemplarRule>,
    /// Whether the metric may be missing altogether.
    #[serde(default)]
    pub optional: bool,
}

/// What is promised of a metric's exemplars. Those it has must lead to a span of the run, whatever is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExemplarRule {
    /// At least one series has one, in at least one scrape.
    Required,
}

/// A metric's kind, as contracts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKindName {
    /// A monotonic sum.
    Counter,
    /// A value that goes both ways.
    Gauge,
    /// Explicit buckets.
    Histogram,
    /// Exponential buckets.
    ExponentialHistogram,
    /// Quantiles computed by the service.
    Summary,
}

impl MetricKindName {
    /// The name, equal to [`MetricKind::name`](crate::capture::MetricKind::name) of that kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::ExponentialHistogram => "exponential-histogram",
            Self::Summary => "summary",
        }
    }
}
