//! Whether a failure has the same name on its span and on its metric.

use std::collections::BTreeMap;

use super::{Check, Index, label, series};
use crate::capture::{SpanKind, TraceContext};
use crate::contract::{Contract, Pack};
use crate::conventions::{self, MetricConvention, SpanConvention};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "error_types",
    about: "spans and their metric know the same error.type",
    unit: "spans",
    wanted: |capture, contract| {
        contract.conventions.iter().any(|pack| *pack != Pack::Resource) && !capture.scrapes.is_empty()
    },
    run,
};

/// `error.type` values and how often each was seen.
type Counts = BTreeMap<String, u64>;

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.conventions.iter().all(|pack| *pack == Pack::Resource) {
        return 0;
    }
    let mut on_spans: Vec<(&'static SpanConvention, Counts)> = Vec::new();
    let mut examined = 0;
    for span in &index.capture.spans {
        examined += 1;
        let Some(error) = span.attributes.get("error.type") else { continue };
        let Some(convention) = conventions::resolve(span) else { continue };
        let error = label::text(error).into_owned();
        match on_spans.iter_mut().find(|(known, _)| std::ptr::eq(*known, convention)) {
            Some((_, counts)) => *counts.entry(error).or_default() += 1,
            None => on_spans.push((convention, Counts::from([(error, 1)]))),
        }
    }

    let empty = Counts::new();
    for metric in conventions::METRICS.iter().copied().flatten() {
        let Some(convention) = metric.errors_of.filter(|it| contract.conventions.contains(&it.pack)) else { continue };
        let Some(on_metric) = on_metric(index, metric) else { continue };
        let spans =
            on_spans.iter().find(|(known, _)| std::ptr::eq(*known, convention)).map_or(&empty, |(_, counts)| counts);
        for (error, count) in spans.iter().filter(|(error, _)| !on_metric.contains_key(*error)) {
            findings.push(
                unlike(
                    metric,
                    error,
                    format!("{count} {} spans failed with {error:?}, the metric knows no such error", convention.name),
                )
                .wanted(format!("a series with error_type {error:?}"))
                .found(known(&on_metric)),
            );
        }
        if !all_failures_sampled(index, convention) {
            continue;
        }
        for error in on_metric.keys().filter(|error| !spans.contains_key(*error)) {
            findings.push(
                unlike(
                    metric,
                    error,
                    format!("the metric knows the error {error:?}, no {} span does", convention.name),
                )
                .wanted(format!("a span with error.type {error:?}"))
                .found(known(spans)),
            );
        }
    }
    examined
}

fn unlike(metric: &MetricConvention, error: &str, message: String) -> Finding {
    Finding::violation("metric.error-type", Signal::Metric, format!("{} / {error}", metric.name), message)
        .at(Place { path: format!("{}{{error_type}}", metric.name), ..Place::default() })
        .hint("set `error.type` once, from one value, on the span and on the measurement")
}

fn known(counts: &Counts) -> String {
    if counts.is_empty() { "no error".to_owned() } else { counts.keys().cloned().collect::<Vec<_>>().join(", ") }
}

/// The values on the metric; `None` if the metric is not there.
fn on_metric(index: &Index<'_>, metric: &MetricConvention) -> Option<Counts> {
    let families: Vec<_> =
        series::latest(index.capture).into_iter().filter(|family| *family.name == *metric.name).collect();
    if families.is_empty() {
        return None;
    }
    let points = families.iter().flat_map(|family| &family.points);
    let values = points.filter_map(|point| label::find(&point.labels, "error_type"));
    Some(values.fold(Counts::new(), |mut counts, value| {
        *counts.entry(label::text(value).into_owned()).or_default() += 1;
        counts
    }))
}

/// Whether every failure of this kind must have left a span. A request that was not sampled leaves metrics alone; what
/// failed inside it nobody outside can know, and of itself only its answer tells.
fn all_failures_sampled(index: &Index<'_>, convention: &SpanConvention) -> bool {
    let mut unsampled =
        index.requests().filter(|exchange| matches!(exchange.trace, Some(TraceContext::Unsampled { .. })));
    match convention.kind {
        SpanKind::Server => {
            unsampled.all(|exchange| exchange.status.is_some_and(|status| status < 400) && !exchange.left)
        }
        _ => unsampled.next().is_none(),
    }
}
