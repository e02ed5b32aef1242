//! Scrapes as flat samples, the way Prometheus stores them.

use std::collections::BTreeMap;
use std::fmt;

use crate::capture::arrived::{StoredSeries, StoredTarget};
use crate::capture::{Family, MetricKind, Point, PointValue, Scrape};
use crate::checks::label;

/// What a label of the exposition is called where the target has one of its name.
const EXPORTED: &str = "exported_";

/// One series, by the name and the labels that the exposition gave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Its name, suffixes included: `rag_query_duration_seconds_bucket`.
    pub(super) name: String,
    /// Its labels, without empty ones, which Prometheus takes for none.
    labels: BTreeMap<String, String>,
    /// `le` or `quantile`, as text that is the same for `1` and `1.0`.
    bound: Option<(&'static str, String)>,
}

/// One sample of a scrape.
pub(super) struct Flat<'c> {
    /// Its metric.
    pub(super) family: &'c Family,
    /// Its value.
    pub(super) value: f64,
    /// Whether it only rises while the process lives. A value that also falls can be another one between two scrapes
    /// that show the same.
    pub(super) rises: bool,
}

impl Key {
    /// The key of a stored series of `target`.
    pub(super) fn of_stored(series: &StoredSeries, target: &StoredTarget) -> Self {
        let mut labels = BTreeMap::new();
        let mut bound = None;
        for (name, value) in &series.labels {
            if name == "__name__" || target.labels.contains_key(name) {
                continue;
            }
            if let Some(limit) = ["le", "quantile"].into_iter().find(|limit| limit == name) {
                bound = Some((limit, number(value)));
                continue;
            }
            let own = name.strip_prefix(EXPORTED).filter(|own| target.labels.contains_key(*own));
            labels.insert(own.unwrap_or(name).to_owned(), value.clone());
        }
        Self { name: series.name().to_owned(), labels, bound }
    }

    fn of_point(name: String, point: &Point, bound: Option<(&'static str, f64)>) -> Self {
        let labels = point.labels.iter().map(|(name, value)| (name.to_string(), label::text(value).into_owned()));
        Self {
            name,
            labels: labels.filter(|(_, value)| !value.is_empty()).collect(),
            bound: bound.map(|(name, limit)| (name, limit.to_string())),
        }
    }

    /// The same series without its bucket or quantile.
    pub(super) fn without_bound(&self) -> Self {
        Self { bound: None, ..self.clone() }
    }

    /// The bound's text, if it has one.
    pub(super) fn bound(&self) -> Option<&str> {
        self.bound.as_ref().map(|(_, text)| text.as_str())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.bound.iter().map(|(name, text)| (*name, text));
        let labels = self.labels.iter().map(|(name, value)| (name.as_str(), value)).chain(bound);
        let labels: Vec<String> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
        write!(f, "{}{{{}}}", self.name, labels.join(","))
    }
}

/// A number's text, the same however it was written.
fn number(text: &str) -> String {
    text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| number.to_string())
}

/// All samples of a scrape. Exponential histograms have none: Prometheus keeps them whole.
pub(super) fn flat(scrape: &Scrape) -> BTreeMap<Key, Flat<'_>> {
    let mut all = BTreeMap::new();
    for family in &scrape.families {
        for point in &family.points {
            add(&mut all, family, point);
        }
    }
    all
}

#[expect(clippy::cast_precision_loss, reason = "exposition text carries counts as doubles too")]
fn add<'c>(all: &mut BTreeMap<Key, Flat<'c>>, family: &'c Family, point: &Point) {
    let mut put = |suffix: &str, bound, value, rises| {
        let key = Key::of_point(format!("{}{suffix}", family.name), point, bound);
        all.insert(key, Flat { family, value, rises });
    };
    match &point.value {
        PointValue::Number(value) => {
            let rises = family.kind == MetricKind::Counter;
            put("", None, *value, rises);
        }
        PointValue::Histogram(histogram) if histogram.exponential.is_none() => {
            let mut sum = 0;
            for (bound, count) in histogram.bounds.iter().chain([&f64::INFINITY]).zip(&histogram.counts) {
                sum += count;
                put("_bucket", Some(("le", *bound)), sum as f64, true);
            }
            put("_count", None, histogram.count as f64, true);
            if let Some(sum) = histogram.sum {
                // A histogram of negative values falls; none that a counter of time or size is made of does.
                put("_sum", None, sum, histogram.bounds.first().is_none_or(|bound| *bound >= 0.0));
            }
        }
        PointValue::Histogram(_) => {}
        PointValue::Summary { count, sum, quantiles } => {
            for (quantile, value) in quantiles {
                put("", Some(("quantile", *quantile)), *value, false);
            }
            put("_count", None, *count as f64, true);
            put("_sum", None, *sum, false);
        }
    }
}
