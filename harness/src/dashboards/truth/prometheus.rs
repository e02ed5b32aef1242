//! What a Prometheus holds.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::metric::{Histogram, LabelSet, Metric, Part, Truth, value};
use crate::backends::prometheus::QueryValue;
use crate::backends::{BackEndError, Prometheus};
use crate::capture::arrived::{StoredMetadata, StoredSeries};
use crate::capture::{MetricKind, unit_of_suffix};

/// How far back series are looked for: a day, so that a job of the night is seen.
const WINDOW: Duration = Duration::from_hours(24);

/// Names asked for at once: a URL has its limits.
const NAMES_AT_ONCE: usize = 50;

/// Metadata by metric name.
type Metadata = BTreeMap<String, Vec<StoredMetadata>>;

impl Truth {
    /// What `prometheus` holds: all names, and the series of those among `words`, which are the words of the expressions
    /// to judge.
    ///
    /// # Errors
    /// If it cannot be reached, or does not answer as a Prometheus.
    pub async fn of_prometheus(prometheus: &Prometheus, words: &BTreeSet<String>) -> Result<Self, BackEndError> {
        let now = crate::clock::now();
        // However long ago: what existed once, did not never exist.
        let names = prometheus.label_values("__name__", "{__name__!=\"\"}", 0, now).await?.data;
        let metadata = prometheus.metadata().await?.data;
        let intervals = prometheus.targets().await?.into_iter().map(|target| target.interval);
        let interval = intervals.filter(|interval| *interval > 0).min().map(Duration::from_nanos);
        let mut truth = Self { interval, ..Self::default() };
        for name in &names {
            truth.metrics.insert(name.clone(), Metric { open: true, ..of_metadata(name, &metadata) });
        }
        let wanted: Vec<&String> = names.iter().filter(|name| words.contains(*name)).collect();
        for chunk in wanted.chunks(NAMES_AT_ONCE) {
            truth.fetch(prometheus, chunk, now).await?;
        }
        truth.tidy();
        Ok(truth)
    }

    async fn fetch(&mut self, prometheus: &Prometheus, names: &[&String], now: u64) -> Result<(), BackEndError> {
        let pattern: Vec<String> = names.iter().map(|name| regex::escape(name)).collect();
        let selector = format!("{{__name__=~\"{}\"}}", pattern.join("|").replace('\\', "\\\\"));
        let from = now.saturating_sub(u64::try_from(WINDOW.as_nanos()).unwrap_or(u64::MAX));
        for labels in prometheus.series(&selector, from, now).await?.data {
            let Some(metric) = labels.get("__name__").and_then(|name| self.metrics.get_mut(name)) else { continue };
            metric.open = false;
            metric.series.push(label_set(&labels));
        }
        if names.iter().any(|name| name.ends_with("_bucket"))
            && let QueryValue::Vector(buckets) = prometheus.query(&selector, None).await?.data
        {
            self.add_buckets(&buckets);
        }
        Ok(())
    }

    fn add_buckets(&mut self, samples: &[StoredSeries]) {
        let mut all: BTreeMap<(String, LabelSet), Vec<(f64, f64)>> = BTreeMap::new();
        for sample in samples {
            let labels = label_set(&sample.labels);
            let bound = value(&labels, "le").and_then(|bound| bound.parse().ok());
            let count = sample.samples.last().map(|sample| sample.value);
            let (Some(name), Some(bound), Some(count)) = (sample.labels.get("__name__"), bound, count) else {
                continue;
            };
            let without = labels.into_iter().filter(|(label, _)| &**label != "le").collect();
            all.entry((name.clone(), without)).or_default().push((bound, count));
        }
        for ((name, labels), mut bounds) in all {
            bounds.sort_by(|(one, _), (two, _)| one.total_cmp(two));
            let finite = bounds.iter().rev().find(|(bound, _)| bound.is_finite());
            let (Some((_, total)), Some((highest, below)), Some(metric)) =
                (bounds.last(), finite, self.metrics.get_mut(&name))
            else {
                continue;
            };
            metric.histograms.push(Histogram { labels, highest: *highest, total: *total, above: total - below });
        }
    }
}

fn label_set(labels: &BTreeMap<String, String>) -> LabelSet {
    let named = labels.iter().filter(|(name, _)| *name != "__name__");
    named.map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect()
}

/// Kind, part and unit of a name, as the metadata of its family says.
fn of_metadata(name: &str, metadata: &Metadata) -> Metric {
    let entry = |family: &str| metadata.get(family).and_then(|all| all.first());
    let parts = [
        ("_bucket", Part::Bucket),
        ("_sum", Part::Sum),
        ("_count", Part::Count),
        ("", Part::Value),
        ("_total", Part::Value),
    ];
    for (suffix, part) in parts {
        let Some(family) = name.strip_suffix(suffix) else { continue };
        let Some(entry) = entry(family) else { continue };
        let kind = match entry.kind.as_str() {
            "counter" => MetricKind::Counter,
            "gauge" | "stateset" | "info" => MetricKind::Gauge,
            // Only a native histogram has samples of its own name.
            "histogram" | "gaugehistogram" if part == Part::Value => MetricKind::ExponentialHistogram,
            "histogram" | "gaugehistogram" => MetricKind::Histogram,
            "summary" => MetricKind::Summary,
            _ => MetricKind::Unknown,
        };
        if part != Part::Value && !matches!(kind, MetricKind::Histogram | MetricKind::Summary) {
            continue;
        }
        let unit = match entry.unit.as_str() {
            "" => unit_of_suffix(family).to_owned(),
            "seconds" => "s".to_owned(),
            "bytes" => "By".to_owned(),
            other => other.to_owned(),
        };
        return Metric { kind, part, unit, ..Metric::default() };
    }
    let part = if name.ends_with("_bucket") { Part::Bucket } else { Part::Value };
    Metric { part, unit: unit_of_suffix(name).to_owned(), ..Metric::default() }
}
