//! Metrics as they stood at the end of the run, and how they grew over it.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use super::label;
use crate::capture::{Capture, Family, Point, PointValue, Scrape, Temporality};
use crate::contract::{Expect, MetricField};

/// The scrapes of each source, oldest first; exposition endpoints before OTLP.
pub(super) fn sources(capture: &Capture) -> Vec<Vec<&Scrape>> {
    let mut sources: Vec<Vec<&Scrape>> = Vec::new();
    for scrape in &capture.scrapes {
        match sources.iter_mut().find(|source| source[0].source == scrape.source) {
            Some(source) => source.push(scrape),
            None => sources.push(vec![scrape]),
        }
    }
    sources.sort_by_key(|source| is_otlp(source));
    sources
}

/// Whether each entry is a request, which holds some families and not all.
fn is_otlp(source: &[&Scrape]) -> bool {
    source.first().is_some_and(|scrape| &*scrape.source == Scrape::OTLP)
}

/// The families at the end of the run: of an exposition endpoint those of its last scrape, of OTLP the last of each name.
pub(super) fn latest(capture: &Capture) -> Vec<&Family> {
    sources(capture).iter().flat_map(|source| latest_of(source)).collect()
}

fn latest_of<'c>(source: &[&'c Scrape]) -> Vec<&'c Family> {
    if !is_otlp(source) {
        return source.last().map(|scrape| scrape.families.iter().collect()).unwrap_or_default();
    }
    let mut known = FxHashSet::default();
    let mut families = Vec::new();
    for scrape in source.iter().rev() {
        // One request may hold a name several times, once a scope.
        families.extend(scrape.families.iter().filter(|family| !known.contains(&*family.name)));
        known.extend(scrape.families.iter().map(|family| &*family.name));
    }
    families.reverse();
    families
}

/// A point's labels as one text, the same for equal sets in any order.
pub(super) fn key(point: &Point) -> String {
    let labels: BTreeMap<&str, String> =
        point.labels.iter().map(|(name, value)| (&**name, label::text(value).into_owned())).collect();
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("{{{}}}", pairs.join(","))
}

/// How much a metric grew over the run, summed over the points whose labels match; `None` if it never existed.
///
/// With a single scrape that is its value: there was nothing before. A metric of several sources is read from the first
/// that has it.
pub(super) fn growth(
    capture: &Capture,
    name: &str,
    labels: &BTreeMap<String, Expect>,
    field: MetricField,
) -> Option<f64> {
    let of = |families: &mut dyn Iterator<Item = &Family>| -> Option<f64> {
        let named: Vec<f64> = families
            .filter(|family| &*family.name == name)
            .map(|family| {
                family.points.iter().filter(|point| selected(point, labels)).map(|it| number(it, field)).sum()
            })
            .collect();
        (!named.is_empty()).then(|| named.iter().sum())
    };
    for source in sources(capture) {
        let all = || source.iter().flat_map(|scrape| &scrape.families).filter(|family| &*family.name == name);
        if all().next().is_none() {
            continue;
        }
        if all().any(|family| family.temporality == Temporality::Delta) {
            return of(&mut source.iter().flat_map(|scrape| &scrape.families));
        }
        let last = of(&mut latest_of(&source).into_iter()).unwrap_or(0.0);
        let first = if source.len() > 1 && !is_otlp(&source) { of(&mut source[0].families.iter()) } else { None };
        return Some(last - first.unwrap_or(0.0));
    }
    None
}

fn selected(point: &Point, labels: &BTreeMap<String, Expect>) -> bool {
    labels.iter().all(|(name, expect)| label::mismatch(expect, label::find(&point.labels, name)).is_none())
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^53")]
fn number(point: &Point, field: MetricField) -> f64 {
    match (&point.value, field) {
        (PointValue::Number(number), _) => *number,
        (PointValue::Histogram(histogram), MetricField::Sum) => histogram.sum.unwrap_or(f64::NAN),
        (PointValue::Histogram(histogram), _) => histogram.count as f64,
        (PointValue::Summary { sum, .. }, MetricField::Sum) => *sum,
        (PointValue::Summary { count, .. }, _) => *count as f64,
    }
}
