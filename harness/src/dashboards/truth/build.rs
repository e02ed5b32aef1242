//! Makes a truth of metric families.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::metric::{Histogram, LabelSet, Metric, Part, Truth};
use crate::capture::{Capture, Family, HistogramPoint, MetricKind, Point, PointValue, Scrape, Value, unit_of_suffix};

impl Truth {
    /// What one scrape shows.
    #[must_use]
    pub fn of_scrape(scrape: &Scrape) -> Self {
        let mut truth = Self { without_targets: true, ..Self::default() };
        truth.add_families(&scrape.families);
        truth.tidy();
        truth
    }

    /// What the metrics of a capture show: those of its scrapes or, if it has none, those that came by OTLP, by the
    /// names that Prometheus gives them.
    #[must_use]
    pub fn of_capture(capture: &Capture) -> Self {
        let mut truth = Self { without_targets: true, ..Self::default() };
        let scraped = capture.scrapes.iter().any(|scrape| &*scrape.source != Scrape::OTLP);
        for scrape in &capture.scrapes {
            if !scraped || &*scrape.source != Scrape::OTLP {
                truth.add_families(&scrape.families);
            }
        }
        truth.tidy();
        truth
    }

    fn add_families(&mut self, families: &[Family]) {
        for family in families {
            for point in &family.points {
                self.add_point(family, point);
            }
        }
    }

    fn add_point(&mut self, family: &Family, point: &Point) {
        let labels = label_set(point);
        let name = &*family.name;
        match &point.value {
            PointValue::Number(_) => self.part(name, family, Part::Value).series.push(labels),
            PointValue::Summary { quantiles, .. } => {
                for (quantile, _) in quantiles {
                    let series = with(&labels, "quantile", &bound_text(*quantile));
                    self.part(name, family, Part::Value).series.push(series);
                }
                self.part(&format!("{name}_sum"), family, Part::Sum).series.push(labels.clone());
                self.part(&format!("{name}_count"), family, Part::Count).series.push(labels);
            }
            PointValue::Histogram(histogram) if family.kind == MetricKind::ExponentialHistogram => {
                let _ = histogram;
                self.part(name, family, Part::Value).series.push(labels);
            }
            PointValue::Histogram(histogram) => {
                let buckets = self.part(&format!("{name}_bucket"), family, Part::Bucket);
                for bound in histogram.bounds.iter().copied().chain([f64::INFINITY]) {
                    buckets.series.push(with(&labels, "le", &bound_text(bound)));
                }
                let summary = summary_of(histogram, &labels);
                // A later scrape holds all that an earlier one did.
                match buckets.histograms.iter_mut().find(|other| other.labels == labels) {
                    Some(earlier) => *earlier = summary,
                    None => buckets.histograms.push(summary),
                }
                self.part(&format!("{name}_sum"), family, Part::Sum).series.push(labels.clone());
                self.part(&format!("{name}_count"), family, Part::Count).series.push(labels);
            }
        }
    }

    fn part(&mut self, name: &str, family: &Family, part: Part) -> &mut Metric {
        let metric = self.metrics.entry(name.to_owned()).or_default();
        metric.kind = family.kind;
        metric.part = part;
        if metric.unit.is_empty() {
            let unit = if family.unit.is_empty() { unit_of_suffix(&family.name) } else { &*family.unit };
            unit.clone_into(&mut metric.unit);
        }
        metric
    }

    /// Sorts the series, and drops those that several scrapes had.
    pub(super) fn tidy(&mut self) {
        for metric in self.metrics.values_mut() {
            metric.series.sort_unstable();
            metric.series.dedup();
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "observations of a run stay far below 2^53")]
fn summary_of(histogram: &HistogramPoint, labels: &LabelSet) -> Histogram {
    let above = if histogram.counts.len() > histogram.bounds.len() { histogram.counts.last() } else { None };
    Histogram {
        labels: labels.clone(),
        highest: histogram.bounds.last().copied().unwrap_or(f64::NAN),
        total: histogram.count as f64,
        above: above.copied().unwrap_or(0) as f64,
    }
}

/// A point's labels under Prometheus' names, sorted; empty labels are none.
fn label_set(point: &Point) -> LabelSet {
    let named: BTreeMap<String, Arc<str>> = point
        .labels
        .iter()
        .map(|(name, value)| {
            let text = match value {
                Value::Str(text) => Arc::clone(text),
                other => Arc::from(other.to_string()),
            };
            (name.replace(['.', '-', '/'], "_"), text)
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    named.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()
}

/// The series with one label more, in its place.
pub(super) fn with(labels: &LabelSet, name: &str, value: &str) -> LabelSet {
    let mut labels = labels.clone();
    let at = labels.partition_point(|(other, _)| **other < *name);
    labels.insert(at, (Arc::from(name), Arc::from(value)));
    labels
}

fn bound_text(bound: f64) -> String {
    if bound == f64::INFINITY { "+Inf".to_owned() } else { bound.to_string() }
}
