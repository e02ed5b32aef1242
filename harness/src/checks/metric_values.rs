//! Whether metrics have values that can be.

use rustc_hash::FxHashMap;

use super::{Check, Index, series};
use crate::capture::{Family, HistogramPoint, MetricKind, Point, PointValue, Scrape, Temporality};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "metric_values",
    about: "no value is impossible, and no counter ever went down",
    unit: "points",
    wanted: super::asks_of_metrics,
    run,
};

fn run(index: &Index<'_>, _: &crate::contract::Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut examined = 0;
    for source in series::sources(index.capture) {
        let mut before: FxHashMap<(String, String), f64> = FxHashMap::default();
        for scrape in source {
            examined += scrape.families.iter().map(|family| family.points.len() as u64).sum::<u64>();
            impossible(scrape, findings);
            decreased(scrape, &mut before, findings);
        }
    }
    examined
}

fn impossible(scrape: &Scrape, findings: &mut Vec<Finding>) {
    for family in &scrape.families {
        let wrong = family.points.iter().find_map(|point| Some((point, why_impossible(family, point)?)));
        let Some((point, why)) = wrong else { continue };
        findings.push(
            Finding::violation("metric.invalid", Signal::Metric, &*family.name, format!("an impossible value: {why}"))
                .at(Place { path: format!("{}{}", family.name, series::key(point)), ..Place::default() })
                .wanted("a value that a sound instrument can have")
                .found(why)
                .hint("record only finite numbers, and only positive ones on counters and histograms"),
        );
    }
}

fn why_impossible(family: &Family, point: &Point) -> Option<String> {
    let rises = family.kind == MetricKind::Counter;
    match &point.value {
        PointValue::Number(number) if number.is_nan() => Some("NaN".to_owned()),
        PointValue::Number(number) if rises && (*number < 0.0 || number.is_infinite()) => {
            Some(format!("a counter of {number}"))
        }
        PointValue::Histogram(histogram) => why_impossible_histogram(histogram),
        PointValue::Number(_) | PointValue::Summary { .. } => None,
    }
}

fn why_impossible_histogram(histogram: &HistogramPoint) -> Option<String> {
    if histogram.sum.is_some_and(|sum| !sum.is_finite()) {
        return Some(format!("a sum of {}", histogram.sum.unwrap_or_default()));
    }
    if let Some(pair) = histogram.bounds.windows(2).find(|pair| pair[0] >= pair[1]) {
        return Some(format!("bounds that do not rise: {pair:?}"));
    }
    if histogram.counts.is_empty() {
        return None;
    }
    if histogram.counts.len() != histogram.bounds.len() + 1 {
        return Some(format!("{} buckets for {} bounds", histogram.counts.len(), histogram.bounds.len()));
    }
    let in_buckets = histogram.counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
    (in_buckets != histogram.count).then(|| format!("count {} and {in_buckets} in the buckets", histogram.count))
}

fn decreased(scrape: &Scrape, before: &mut FxHashMap<(String, String), f64>, findings: &mut Vec<Finding>) {
    let cumulative = scrape.families.iter().filter(|family| family.temporality == Temporality::Cumulative);
    for family in cumulative {
        let mut reported = false;
        for point in &family.points {
            let Some(now) = monotonic(family, point) else { continue };
            let key = series::key(point);
            let scope = family.origin.scope.name.to_string();
            let previous = before.insert((format!("{scope} {}", family.name), key.clone()), now);
            if let Some(previous) = previous.filter(|previous| now < *previous && !reported) {
                reported = true;
                findings.push(
                    Finding::violation("metric.decreased", Signal::Metric, &*family.name, "the metric went down")
                        .at(Place { path: format!("{}{key}", family.name), ..Place::default() })
                        .wanted(format!("at least {previous}, what it was before"))
                        .found(now.to_string())
                        .hint("the service restarted during the run, or the metric is a gauge that calls itself a counter"),
                );
            }
        }
    }
}

/// What of a point only rises.
#[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^53")]
fn monotonic(family: &Family, point: &Point) -> Option<f64> {
    match &point.value {
        PointValue::Number(number) => (family.kind == MetricKind::Counter).then_some(*number),
        PointValue::Histogram(histogram) => Some(histogram.count as f64),
        PointValue::Summary { count, .. } => Some(*count as f64),
    }
}
