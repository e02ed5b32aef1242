//! Every transport of the `opentelemetry-otlp` crate against the collector.

use std::time::Duration;

use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{KeyValue, trace::TraceContextExt as _};
use opentelemetry_otlp::{
    Compression, LogExporter, MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig, WithTonicConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::SdkLoggerProvider;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use otelgate_harness::capture::{self, HistogramPoint, MetricKind, PointValue, StatusCode, TraceId, Value};
use otelgate_harness::standins::{Collector, Received, collector};

use super::support::http::provide_cryptography;

/// A transport, and how to build its exporters.
#[derive(Clone, Copy, Debug)]
struct Transport {
    protocol: Protocol,
    gzip: bool,
}

impl Transport {
    fn url(self, collector: &Collector, path: &str) -> String {
        match self.protocol {
            Protocol::Grpc => collector.grpc_url(),
            _ => collector.http_url() + path,
        }
    }
}

/// Builds an exporter of any signal: their builders share no trait.
macro_rules! exporter {
    ($exporter:ident, $transport:expr, $collector:expr, $path:literal) => {{
        let (transport, url) = ($transport, $transport.url($collector, $path));
        let compression = transport.gzip.then_some(Compression::Gzip);
        if transport.protocol == Protocol::Grpc {
            let builder = $exporter::builder().with_tonic().with_endpoint(url);
            match compression {
                Some(compression) => builder.with_compression(compression).build(),
                None => builder.build(),
            }
        } else {
            let builder = $exporter::builder().with_http().with_endpoint(url).with_protocol(transport.protocol);
            match compression {
                Some(compression) => builder.with_compression(compression).build(),
                None => builder.build(),
            }
        }
        .unwrap()
    }};
}

/// Sends one trace, one request of metrics and one log record; comes back when all has been answered.
async fn send(collector: &Collector, transport: Transport) -> TraceId {
    let resource = Resource::builder_empty().with_attribute(KeyValue::new("service.name", "under-test")).build();
    let traces = SdkTracerProvider::builder()
        .with_resource(resource.clone())
        .with_batch_exporter(exporter!(SpanExporter, transport, collector, "/v1/traces"))
        .build();
    let metrics = SdkMeterProvider::builder()
        .with_resource(resource.clone())
        .with_periodic_exporter(exporter!(MetricExporter, transport, collector, "/v1/metrics"))
        .build();
    let logs = SdkLoggerProvider::builder()
        .with_resource(resource)
        .with_batch_exporter(exporter!(LogExporter, transport, collector, "/v1/logs"))
        .build();

    let of_scope = traces.tracer("scope");
    let trace_id = of_scope.in_span("parent", |context| {
        let mut child =
            of_scope.span_builder("child").with_kind(SpanKind::Client).start_with_context(&of_scope, &context);
        child.set_attribute(KeyValue::new("answer", 42));
        child.set_attribute(KeyValue::new("ratio", f64::INFINITY));
        child.add_event("hit", vec![KeyValue::new("k", "v")]);
        child.set_status(Status::error("broken"));
        child.end();
        let mut record = logs.logger("scope").create_log_record();
        record.set_severity_number(Severity::Warn);
        record.set_body(AnyValue::from("careful"));
        logs.logger("scope").emit(record);
        context.span().span_context().trace_id()
    });
    let meter = metrics.meter("scope");
    meter.u64_counter("jobs").build().add(3, &[KeyValue::new("kind", "a")]);
    meter.f64_histogram("wait").with_unit("s").with_boundaries(vec![1.0, 2.0]).build().record(1.5, &[]);

    // The exporters block the thread that flushes, and the collector needs this one.
    tokio::task::spawn_blocking(move || {
        traces.shutdown_with_timeout(Duration::from_secs(10)).unwrap();
        metrics.shutdown_with_timeout(Duration::from_secs(10)).unwrap();
        logs.shutdown_with_timeout(Duration::from_secs(10)).unwrap();
    })
    .await
    .unwrap();
    TraceId(trace_id.to_bytes())
}

async fn arrives_complete(protocol: Protocol, gzip: bool) {
    provide_cryptography();
    let collector = collector().run().await.unwrap();

    let trace_id = send(&collector, Transport { protocol, gzip }).await;

    let Received { spans, scrapes, logs } = collector.received();
    assert_eq!(collector.refusals(), []);
    has_the_trace(&spans, trace_id);
    has_the_metrics(&scrapes);
    assert_eq!(logs.len(), 1);
    assert_eq!((&logs[0].body, logs[0].severity), (&Value::from("careful"), 13));
    assert_eq!(logs[0].trace_id, Some(trace_id));
    assert_eq!(logs[0].span_id, Some(spans.iter().find(|span| &*span.name == "parent").unwrap().span_id));
    assert!(collector.connections() >= 1);
}

fn has_the_trace(spans: &[capture::Span], trace_id: TraceId) {
    assert_eq!(spans.len(), 2);
    let child = spans.iter().find(|span| &*span.name == "child").unwrap();
    let parent = spans.iter().find(|span| &*span.name == "parent").unwrap();
    assert_eq!((child.trace_id, parent.trace_id), (trace_id, trace_id));
    assert_eq!((child.parent, parent.parent), (Some(parent.span_id), None));
    assert_eq!(child.kind, capture::SpanKind::Client);
    assert_eq!(child.attributes.get("answer"), Some(&Value::Int(42)));
    assert_eq!((child.status.code, &*child.status.message), (StatusCode::Error, "broken"));
    assert_eq!(child.events[0].attributes.str("k"), Some("v"));
    assert!(child.start >= parent.start && child.end <= parent.end);
    assert_eq!(child.origin.resource.attributes.str("service.name"), Some("under-test"));
    assert_eq!(&*child.origin.scope.name, "scope");
}

fn has_the_metrics(scrapes: &[capture::Scrape]) {
    let families: Vec<_> = scrapes.iter().flat_map(|scrape| &scrape.families).collect();
    let jobs = families.iter().find(|family| &*family.name == "jobs_total").unwrap();
    assert_eq!((jobs.kind, jobs.instrument.as_deref()), (MetricKind::Counter, Some("jobs")));
    assert_eq!(jobs.points[0].value, PointValue::Number(3.0));
    assert_eq!(jobs.points[0].labels.str("kind"), Some("a"));
    let wait = families.iter().find(|family| &*family.name == "wait_seconds").unwrap();
    let wanted = HistogramPoint {
        count: 1,
        sum: Some(1.5),
        bounds: vec![1.0, 2.0],
        counts: vec![0, 1, 0],
        min: Some(1.5),
        max: Some(1.5),
        exponential: None,
    };
    assert_eq!(wait.points[0].value, PointValue::Histogram(wanted));
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_arrives_complete() {
    arrives_complete(Protocol::Grpc, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_with_gzip_arrives_complete() {
    arrives_complete(Protocol::Grpc, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_with_protobuf_arrives_complete() {
    arrives_complete(Protocol::HttpBinary, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_with_protobuf_and_gzip_arrives_complete() {
    arrives_complete(Protocol::HttpBinary, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_with_json_arrives_complete() {
    arrives_complete(Protocol::HttpJson, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_with_json_and_gzip_arrives_complete() {
    arrives_complete(Protocol::HttpJson, true).await;
}
