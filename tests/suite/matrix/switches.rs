//! Telemetry on and off, metrics on and off: the service does the same work in every cell, and what is off leaves nothing
//! behind: no connection, no thread, no context in a request, no id in a log.

use std::collections::BTreeSet;

use otelgate_harness::capture::{LogVia, Party};

use super::Tier;
use super::cell::{Seen, all_scenarios, scenarios};

/// What a cell must show.
struct Cell {
    settings: &'static [(&'static str, &'static str)],
    traces: bool,
    metrics: bool,
}

async fn the_work_is_done_and_what_is_off_leaves_nothing(tier: &Tier, cell: Cell) {
    let Cell { settings, traces, metrics } = cell;
    let metrics_page = if metrics {
        "- scenario: metrics are there\n  requests: [{request: GET /metrics, trace: none, expect: {status: 200, \
         contains: [rag_query_duration_seconds_bucket]}}]\n"
    } else {
        "- scenario: metrics are not there\n  requests: [{request: GET /metrics, trace: none, expect: {status: 404}}]\n"
    };
    let mut driven = all_scenarios();
    driven.extend(scenarios(metrics_page));

    let seen = tier.drive(settings, &driven).await;

    assert_eq!(seen.connections > 0, traces, "{settings:?}: connections to the collector: {}", seen.connections);
    assert_eq!(!seen.capture.spans.is_empty(), traces, "{settings:?}: spans arrived");
    assert_eq!(exporters(&seen), if traces { 2 } else { 0 }, "{settings:?}: exporters among {:?}", seen.threads);
    assert_eq!(carries_contexts(&seen), traces, "{settings:?}: requests to dependencies carry a context");
    assert_eq!(logs_have_ids(&seen), traces, "{settings:?}: log lines carry a trace id");
    assert_eq!(says_disabled(&seen), !traces, "{settings:?}: the log says that telemetry is off");
    let others: BTreeSet<&str> = seen.threads.iter().map(String::as_str).filter(|name| !is_exporter(name)).collect();
    assert!(
        others.iter().all(|name| name.starts_with("rag-service") || name.starts_with("tokio-")),
        "{settings:?}: threads that belong to nobody known: {others:?}"
    );
}

/// `otlp-traces` and `otlp-logs`, or the SDK's: `OpenTelemetry.Traces.BatchProcessor` and the like, as far as Linux keeps
/// it.
fn is_exporter(thread: &str) -> bool {
    thread.starts_with("otlp-") || thread.starts_with("OpenTelemetry")
}

fn exporters(seen: &Seen) -> usize {
    seen.threads.iter().filter(|name| is_exporter(name)).count()
}

fn carries_contexts(seen: &Seen) -> bool {
    let calls = seen.capture.exchanges.iter().filter(|exchange| matches!(exchange.by, Party::Model | Party::Qdrant));
    let with: BTreeSet<bool> = calls.map(|call| call.request_headers.contains_key("traceparent")).collect();
    assert_eq!(with.len(), 1, "all requests to dependencies carry a context, or none does");
    with.contains(&true)
}

fn logs_have_ids(seen: &Seen) -> bool {
    seen.capture.logs.iter().any(|record| record.via == LogVia::StdoutJson && record.trace_id.is_some())
}

fn says_disabled(seen: &Seen) -> bool {
    seen.capture.logs.iter().any(|record| record.body.as_str() == Some("OpenTelemetry disabled"))
}

/// Both on.
pub(crate) async fn everything_on(tier: &Tier) {
    let cell = Cell {
        settings: &[("OTEL_ENABLED", "true"), ("PROMETHEUS_METRICS_ENABLED", "true")],
        traces: true,
        metrics: true,
    };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

/// Both on, by the SDK's own batches and exporters.
pub(crate) async fn everything_on_by_the_sdk(tier: &Tier) {
    let cell = Cell { settings: &[("TELEMETRY_PIPELINE", "sdk")], traces: true, metrics: true };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

/// Traces and logs alone.
pub(crate) async fn metrics_off(tier: &Tier) {
    let cell = Cell {
        settings: &[("OTEL_ENABLED", "true"), ("PROMETHEUS_METRICS_ENABLED", "false")],
        traces: true,
        metrics: false,
    };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

/// Telemetry off, which metrics are part of.
pub(crate) async fn telemetry_off(tier: &Tier) {
    let cell = Cell {
        settings: &[("OTEL_ENABLED", "false"), ("PROMETHEUS_METRICS_ENABLED", "true")],
        traces: false,
        metrics: false,
    };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

/// Both off.
pub(crate) async fn telemetry_and_metrics_off(tier: &Tier) {
    let cell = Cell {
        settings: &[("OTEL_ENABLED", "false"), ("PROMETHEUS_METRICS_ENABLED", "false")],
        traces: false,
        metrics: false,
    };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

/// Off by the variable of OpenTelemetry's specification.
pub(crate) async fn telemetry_off_by_its_standard_name(tier: &Tier) {
    let cell = Cell { settings: &[("OTEL_SDK_DISABLED", "true")], traces: false, metrics: false };
    the_work_is_done_and_what_is_off_leaves_nothing(tier, cell).await;
}

#[tokio::test]
async fn everything_on_embedded() {
    everything_on(&Tier::default()).await;
}

#[tokio::test]
async fn everything_on_by_the_sdk_embedded() {
    everything_on_by_the_sdk(&Tier::default()).await;
}

#[tokio::test]
async fn metrics_off_embedded() {
    metrics_off(&Tier::default()).await;
}

#[tokio::test]
async fn telemetry_off_embedded() {
    telemetry_off(&Tier::default()).await;
}

#[tokio::test]
async fn telemetry_and_metrics_off_embedded() {
    telemetry_and_metrics_off(&Tier::default()).await;
}

#[tokio::test]
async fn telemetry_off_by_its_standard_name_embedded() {
    telemetry_off_by_its_standard_name(&Tier::default()).await;
}
