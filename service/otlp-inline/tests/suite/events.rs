//! What a collector gets of an event of `tracing` is what the stock bridge and exporter send of it.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use opentelemetry::{
    SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt as _, TraceState},
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_proto::tonic::{collector::logs::v1::ExportLogsServiceRequest, logs::v1::LogRecord};
use opentelemetry_sdk::{Resource, error::OTelSdkResult, logs::LogProcessor};
use otlp_inline::{BatchConfig, LogExporter, Otlp};
use tracing::subscriber::with_default;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

use crate::{
    logs::stock,
    support::{sink::Sink, wait::until},
};

/// Logs while it is printed, which `tracing` drops.
struct Talkative;

impl fmt::Debug for Talkative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::info!(target: "talkative", "being printed");
        f.write_str("printed")
    }
}

/// Every level, every type of field, with and without a message.
fn events() {
    let error: &(dyn Error + 'static) = &fmt::Error;
    tracing::error!(target: "app", count = 1_u64, below = -2_i64, "{} and {}", "one", 2);
    tracing::warn!(target: "app", flag = true, ratio = 0.5, nan = f64::NAN, "a message");
    tracing::info!(target: "app::part", too_big = u64::MAX, of_128 = 7_i128, bigger = u128::MAX, least = i128::MIN, "");
    tracing::debug!(target: "app::part", text = "text", empty = "", shown = %"shown", debugged = ?[1, 2]);
    tracing::trace!(target: "", error, bytes = &b"bytes"[..], long = "ж".repeat(9_000), "fields");
    tracing::event!(name: "device.app.lifecycle", target: "app", tracing::Level::INFO, { app.state = "active" }, "named");
    tracing::info!(target: "app", value = ?Talkative, "nested");
}

/// By scope, without what tells one library from another, and without the time.
fn records(mut requests: Vec<ExportLogsServiceRequest>) -> Vec<(String, Vec<LogRecord>)> {
    let logs = requests.iter_mut().flat_map(|request| &mut request.resource_logs);
    let mut scopes: Vec<_> = logs
        .flat_map(|logs| logs.scope_logs.drain(..))
        .map(|mut logs| {
            for record in &mut logs.log_records {
                assert!(record.observed_time_unix_nano > 0);
                record.observed_time_unix_nano = 0;
                // Where the event stands is a part of its name.
                assert!(!record.event_name.is_empty());
            }
            logs.log_records.sort_by_cached_key(|record| format!("{record:?}"));
            (logs.scope.unwrap_or_default().name, logs.log_records)
        })
        .collect();
    scopes.sort_by(|(one, _), (other, _)| one.cmp(other));
    scopes
}

fn exporter(sink: &Sink) -> LogExporter {
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone()));
    LogExporter::start(&otlp, &Resource::builder_empty().build(), BatchConfig::default(), None).unwrap()
}

/// What is sent of the events, under a span of the API and outside of it.
fn sent_by_the_layer() -> Vec<(String, Vec<LogRecord>)> {
    let sink = Sink::default();
    let exporter = exporter(&sink);
    with_default(Registry::default().with(exporter.layer()), twice);
    flushed(&exporter.force_flush());
    records(sink.take_logs())
}

fn sent_by_the_stock_bridge() -> Vec<(String, Vec<LogRecord>)> {
    let sink = Sink::default();
    let provider = stock(&Resource::builder_empty().build(), &sink);
    with_default(Registry::default().with(OpenTelemetryTracingBridge::new(&provider)), twice);
    flushed(&provider.force_flush());
    records(sink.take_logs())
}

fn flushed(result: &OTelSdkResult) {
    assert!(result.is_ok(), "{result:?}");
}

fn ids(id: u64) -> SpanContext {
    SpanContext::new(TraceId::from(1), SpanId::from(id), TraceFlags::SAMPLED, false, TraceState::NONE)
}

fn twice() {
    events();
    let _span = opentelemetry::Context::new().with_remote_span_context(ids(2)).attach();
    events();
}

#[test]
fn events_arrive_as_the_stock_bridge_sends_them() {
    let (layer, bridge) = (sent_by_the_layer(), sent_by_the_stock_bridge());

    assert_eq!(layer.iter().map(|(_, records)| records.len()).sum::<usize>(), 14);
    assert_eq!(format!("{layer:#?}"), format!("{bridge:#?}"));
}

#[test]
fn events_belong_to_the_span_that_is_said_to_be_current() {
    let sink = Sink::default();
    let exporter = exporter(&sink);

    let layer = exporter.layer().with_current_span(|look| look(&ids(3)));
    with_default(Registry::default().with(layer), || tracing::info!(target: "app", "in it"));

    flushed(&exporter.force_flush());
    let sent = records(sink.take_logs());
    assert_eq!(sent[0].1[0].span_id, SpanId::from(3).to_bytes());
    assert_eq!(sent[0].1[0].flags, 1);
}

#[test]
fn what_is_logged_while_telemetry_is_suppressed_is_not_exported() {
    let sink = Sink::default();
    let exporter = exporter(&sink);

    with_default(Registry::default().with(exporter.layer()), || {
        let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
        tracing::info!(target: "app", "the exporter's own");
    });

    flushed(&exporter.force_flush());
    assert!(sink.take_logs().is_empty());
}

/// How many records have arrived.
fn arrived(sink: &Sink) -> usize {
    records(sink.take_logs()).iter().map(|(_, records)| records.len()).sum()
}

#[test]
fn events_that_are_held_back_arrive_when_the_last_of_the_exporter_is_gone() {
    let sink = Sink::default();
    let exporter = exporter(&sink);
    let subscriber = Registry::default().with(exporter.layer());
    drop(exporter);

    with_default(subscriber, || tracing::info!(target: "app", "the last words"));

    assert_eq!(arrived(&sink), 1);
}

#[test]
fn a_large_event_waits_for_no_other() {
    let sink = Sink::default();
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(sink.clone()));
    // No export by time.
    let scheduled_delay = Duration::from_hours(1);
    let one_by_one = BatchConfig { max_export_batch_size: 1, scheduled_delay, ..BatchConfig::default() };
    let exporter = LogExporter::start(&otlp, &Resource::builder_empty().build(), one_by_one, None).unwrap();

    with_default(Registry::default().with(exporter.layer()), || {
        tracing::info!(target: "app", "held back");
        tracing::info!(target: "app", text = "x".repeat(20_000), "large");
    });

    let sent = until("the large event", || Some(sink.take_logs()).filter(|requests| !requests.is_empty()));
    assert_eq!(records(sent).iter().map(|(_, records)| records.len()).sum::<usize>(), 1);
    flushed(&exporter.force_flush());
    assert_eq!(arrived(&sink), 1);
}

#[test]
fn an_event_after_the_shutdown_is_counted_as_lost() {
    let sink = Sink::default();
    let exporter = exporter(&sink);

    with_default(Registry::default().with(exporter.layer()), || {
        tracing::info!(target: "app", "in time");
        flushed(&exporter.shutdown_with_timeout(Duration::from_secs(5)));
        tracing::info!(target: "app", "too late");
    });

    let counts = exporter.counts();
    assert_eq!((arrived(&sink), counts.exported, counts.after_shutdown), (1, 1, 1));
}

#[test]
fn events_of_threads_that_flush_meanwhile_arrive_once() {
    let sink = Sink::default();
    let exporter = exporter(&sink);

    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                with_default(Registry::default().with(exporter.layer()), || {
                    for number in 0..500 {
                        tracing::info!(target: "app", number, "one of many");
                        if number % 50 == 0 {
                            flushed(&exporter.force_flush());
                        }
                    }
                });
            });
        }
    });
    flushed(&exporter.force_flush());

    assert_eq!(arrived(&sink), 2_000);
}
