//! Whether every metric is in the metric store, of the same type and unit.

use std::collections::BTreeSet;

use super::stored;
use crate::capture::arrived::{StoredMetadata, StoredMetrics, StoredSeries};
use crate::capture::{Family, MetricKind, unit_of_suffix};
use crate::checks::{Check, Index, series, text};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_metrics",
    about: "every metric is in the metric store, of its type and unit",
    unit: "metrics",
    wanted: |capture, contract| stored::of_target(capture).is_some() && !contract.metrics.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some((metrics, target)) = stored::of_target(index.capture) else { return 0 };
    let present: BTreeSet<&str> = metrics.series.iter().map(StoredSeries::name).collect();
    let mut examined = 0;
    for family in series::latest(index.capture) {
        let promised = contract.metrics.contains_key(&*family.name);
        // A metric that was declared and never recorded has no series.
        if family.points.is_empty() {
            continue;
        }
        examined += 1;
        if names_of(family).iter().all(|name| !present.contains(name.as_str())) {
            if promised {
                findings.push(missing(family, present.iter().copied(), &target.url));
            }
            continue;
        }
        if let Some(known) = metadata(metrics, family) {
            kind(family, known, findings);
            unit(family, known, findings);
        }
    }
    examined
}

/// The names under which Prometheus may keep a metric.
fn names_of(family: &Family) -> Vec<String> {
    match family.kind {
        MetricKind::Histogram => vec![format!("{}_count", family.name), format!("{}_bucket", family.name)],
        MetricKind::Summary => vec![format!("{}_count", family.name), family.name.to_string()],
        _ => vec![family.name.to_string()],
    }
}

/// The store's metadata of a metric. Text keeps a counter's under `…_total`, OpenMetrics without it.
fn metadata<'m>(metrics: &'m StoredMetrics, family: &Family) -> Option<&'m StoredMetadata> {
    let bare = family.name.strip_suffix("_total").unwrap_or(&family.name);
    metrics.metadata.get(&*family.name).or_else(|| metrics.metadata.get(bare))
}

fn finding(id: &'static str, family: &Family, message: &str) -> Finding {
    Finding::violation(id, Signal::Metric, &*family.name, message)
        .at(Place { path: family.name.to_string(), ..Place::default() })
}

fn missing<'n>(family: &Family, present: impl Iterator<Item = &'n str>, url: &str) -> Finding {
    finding("arrival.metric-missing", family, "a metric of the service is not in the metric store")
        .wanted(format!("`{}`, which {url} exposes", family.name))
        .found(text::nothing_but(&family.name, present))
        .hint("look for `metric_relabel_configs` that drop it, for `sample_limit`, and for a target of another service")
}

fn kind(family: &Family, known: &StoredMetadata, findings: &mut Vec<Finding>) {
    let wanted = match family.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram | MetricKind::ExponentialHistogram => "histogram",
        MetricKind::Summary => "summary",
        MetricKind::Unknown => return,
    };
    // OpenMetrics calls a gauge of constant 1 `info`.
    if known.kind != wanted && !(wanted == "gauge" && known.kind == "info") {
        findings.push(
            finding("arrival.metric-type", family, "the metric store takes a metric for another type")
                .wanted(wanted)
                .found(&*known.kind)
                .hint("two targets expose one name with different types, or something rewrites the exposition"),
        );
    }
}

fn unit(family: &Family, known: &StoredMetadata, findings: &mut Vec<Finding>) {
    // The text format cannot say a unit.
    if known.unit.is_empty() || family.unit.is_empty() {
        return;
    }
    let stored = unit_of_suffix(&format!("_{}", known.unit));
    if stored != &*family.unit && known.unit != *family.unit {
        findings.push(
            finding("arrival.metric-unit", family, "the metric store takes a metric for one of another unit")
                .wanted(format!("{:?}", family.unit))
                .found(format!("{:?}", known.unit))
                .hint("two targets expose one name with different units, or something rewrites the exposition"),
        );
    }
}
