//! Metrics as a metric store holds them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::json;
use super::rules::StoredRuleGroup;

/// The run's metrics in the metric store.
///
/// Times are nanoseconds since the Unix epoch, by the clock of the store unless said otherwise; a Prometheus keeps
/// milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredMetrics {
    /// Where the store was told to find the service, or where the harness expected it to look: `127.0.0.1:8001`.
    pub address: String,
    /// Begin of the window asked for, by the clock of the store.
    pub from: u64,
    /// End of the window asked for, by the clock of the store.
    pub until: u64,
    /// How far the store's clock was ahead of ours when it was asked, in nanoseconds; negative if behind.
    pub clock_ahead: i64,
    /// The targets that may be the service: this run's where the store knows it, else all of them.
    pub targets: Vec<StoredTarget>,
    /// Position in `targets` of this run's; `None` if none of them is.
    pub target: Option<usize>,
    /// Type, help and unit by metric name, as the store has them of this run's target.
    pub metadata: BTreeMap<String, StoredMetadata>,
    /// Every series of this run's target, with its samples in the window, exactly as they are stored.
    pub series: Vec<StoredSeries>,
    /// What the store's own `increase()` says of each counter over the window.
    pub increases: Vec<StoredIncrease>,
    /// The exemplars of this run's series.
    pub exemplars: Vec<StoredExemplar>,
    /// The rules loaded, and their state after the last scenario.
    pub rules: Vec<StoredRuleGroup>,
    /// What the store warned of while it answered.
    pub warnings: Vec<String>,
}

/// A place the store scrapes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredTarget {
    /// Its labels, `job` and `instance` among them.
    pub labels: BTreeMap<String, String>,
    /// The URL scraped.
    pub url: String,
    /// Whether the last scrape succeeded.
    pub health: Health,
    /// Why the last scrape failed; empty if it did not.
    #[serde(default)]
    pub last_error: String,
    /// When it was last scraped; 0 if never.
    pub last_scrape: u64,
    /// Time between two scrapes, in nanoseconds.
    pub interval: u64,
}

impl StoredTarget {
    /// The label `job`.
    #[must_use]
    pub fn job(&self) -> &str {
        self.labels.get("job").map_or("", String::as_str)
    }

    /// The label `instance`.
    #[must_use]
    pub fn instance(&self) -> &str {
        self.labels.get("instance").map_or("", String::as_str)
    }
}

/// A target's state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// Not scraped yet.
    #[default]
    Unknown,
    /// The last scrape succeeded.
    Up,
    /// The last scrape failed.
    Down,
}

/// What the store knows of a metric beside its samples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredMetadata {
    /// `counter`, `gauge`, `histogram`, `gaugehistogram`, `summary`, `info`, `stateset`, `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its help text.
    pub help: String,
    /// Its unit; empty if the exposition did not say, as text format 0.0.4 cannot.
    pub unit: String,
}

/// One series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredSeries {
    /// Its labels, `__name__` among them.
    pub labels: BTreeMap<String, String>,
    /// Its samples, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<StoredSample>,
    /// Its samples that are native histograms, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub histograms: Vec<StoredHistogram>,
}

impl StoredSeries {
    /// The label `__name__`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.labels.get("__name__").map_or("", String::as_str)
    }
}

/// One sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredSample {
    /// When it was taken.
    pub time: u64,
    /// Its value.
    #[serde(with = "json::real")]
    pub value: f64,
}

/// One sample of a native histogram; its buckets are not kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredHistogram {
    /// When it was taken.
    pub time: u64,
    /// Observations.
    #[serde(with = "json::real")]
    pub count: f64,
    /// Their sum.
    #[serde(with = "json::real")]
    pub sum: f64,
}

/// What the store computed as a counter's increase over the window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredIncrease {
    /// The series' labels, `__name__` among them although a query's answer has none.
    pub labels: BTreeMap<String, String>,
    /// The increase.
    #[serde(with = "json::real")]
    pub value: f64,
}

/// One exemplar.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredExemplar {
    /// Labels of its series, `__name__` among them.
    pub series: BTreeMap<String, String>,
    /// Its own labels: `trace_id`, `span_id`.
    pub labels: BTreeMap<String, String>,
    /// The observation.
    #[serde(with = "json::real")]
    pub value: f64,
    /// When it was made.
    pub time: u64,
}
