//! Metrics by the names that PromQL selects.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::capture::MetricKind;

/// Labels of one series, by name. `__name__` is not among them.
pub type LabelSet = Vec<(Arc<str>, Arc<str>)>;

/// Labels that Prometheus adds from its targets, so that a scrape does not show them.
const TARGET_LABELS: &[&str] = &[
    "job",
    "instance",
    "namespace",
    "pod",
    "container",
    "node",
    "service",
    "endpoint",
    "cluster",
    "prometheus",
    "exported_job",
    "exported_instance",
    "env",
    "environment",
    "region",
    "zone",
    "datacenter",
    "dc",
    "host",
    "hostname",
    "nodename",
    "app",
    "application",
    "component",
    "team",
    "replica",
    "prometheus_replica",
];

/// Metrics that Prometheus makes for every target, and for alerts.
const MADE_BY_PROMETHEUS: &[&str] = &[
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "scrape_sample_limit",
    "scrape_body_size_bytes",
    "ALERTS",
    "ALERTS_FOR_STATE",
];

/// All metrics there are, as far as known.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    pub(super) metrics: FxHashMap<String, Metric>,
    /// Whether labels of targets are not shown.
    pub(super) without_targets: bool,
    /// Time between two scrapes, where known.
    pub(super) interval: Option<Duration>,
    /// Whether nobody said what metrics there are.
    pub(super) unknown: bool,
}

/// What is selected by one name.
#[derive(Clone, Debug, Default)]
pub struct Metric {
    /// The kind of its family.
    pub kind: MetricKind,
    /// What it is to its family.
    pub part: Part,
    /// The unit of its family in UCUM (`s`, `By`, `1`); empty if not known.
    pub unit: String,
    /// Its series.
    pub series: Vec<LabelSet>,
    /// Of buckets: the histograms they are of.
    pub histograms: Vec<Histogram>,
    /// Whether there may be other series than these: the metric is made elsewhere, of other metrics.
    pub open: bool,
}

/// What a name is to its family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// The value itself.
    #[default]
    Value,
    /// Cumulative buckets.
    Bucket,
    /// The sum of observations.
    Sum,
    /// The number of observations.
    Count,
}

/// The buckets of one histogram.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    /// Its labels, without `le`.
    pub labels: LabelSet,
    /// The highest finite bound.
    pub highest: f64,
    /// All observations.
    pub total: f64,
    /// Observations above the highest bound.
    pub above: f64,
}

impl Truth {
    /// Nothing is known of the metrics: only what makes no sense whatever they are is found.
    #[must_use]
    pub fn unknown() -> Self {
        Self { unknown: true, ..Self::default() }
    }

    /// Whether nobody said what metrics there are.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// How many series there are, over all names.
    #[must_use]
    pub fn series(&self) -> usize {
        self.metrics.values().map(|metric| metric.series.len()).sum()
    }

    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.get(name)
    }

    /// Whether Prometheus makes the metric itself.
    #[must_use]
    pub fn is_made_by_prometheus(name: &str) -> bool {
        MADE_BY_PROMETHEUS.contains(&name)
    }

    /// Whether nothing is known: no dashboard can be judged by it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// How many names there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.metrics.len()
    }

    /// Time between two scrapes, where known.
    #[must_use]
    pub fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Whether a label may be there although no series shows it: Prometheus adds it to what it scrapes.
    #[must_use]
    pub fn may_be_of_target(&self, label: &str) -> bool {
        self.unknown
            || self.without_targets
                && (TARGET_LABELS.contains(&label)
                    || label.starts_with("kubernetes_")
                    || label.starts_with("k8s_")
                    || label.starts_with("label_")
                    || label.starts_with("topology_"))
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.keys().map(String::as_str)
    }

    /// Adds a metric that a recording rule makes, of whose labels nothing is known yet.
    pub(in crate::dashboards) fn record(&mut self, name: &str) {
        self.metrics.insert(name.to_owned(), Metric { open: true, ..Metric::default() });
    }

    /// Says which series the recordings have; `None` where that is not known. Several rules may record one name.
    pub(in crate::dashboards) fn recorded(&mut self, recorded: Vec<(String, Option<Vec<LabelSet>>)>) {
        let mut all: FxHashMap<String, Option<Vec<LabelSet>>> = FxHashMap::default();
        for (name, series) in recorded {
            let entry = all.entry(name).or_insert_with(|| Some(Vec::new()));
            *entry = entry.take().zip(series).map(|(before, more)| before.into_iter().chain(more).collect());
        }
        for (name, series) in all {
            let open = series.is_none();
            self.metrics.insert(name, Metric { series: series.unwrap_or_default(), open, ..Metric::default() });
        }
    }
}

impl Metric {
    /// The names of all labels of all series.
    #[must_use]
    pub fn labels(&self) -> BTreeSet<&str> {
        self.series.iter().flatten().map(|(name, _)| &**name).collect()
    }

    /// The values of a label.
    #[must_use]
    pub fn values(&self, label: &str) -> BTreeSet<&str> {
        self.series.iter().filter_map(|series| value(series, label)).collect()
    }

    /// Whether the metric only grows.
    #[must_use]
    pub fn is_cumulative(&self) -> bool {
        match self.kind {
            MetricKind::Counter => true,
            MetricKind::Histogram | MetricKind::ExponentialHistogram | MetricKind::Summary => self.part != Part::Value,
            MetricKind::Gauge | MetricKind::Unknown => false,
        }
    }
}

/// The value of a label of a series.
pub(in crate::dashboards) fn value<'s>(series: &'s LabelSet, label: &str) -> Option<&'s str> {
    series.iter().find(|(name, _)| &**name == label).map(|(_, value)| &**value)
}
