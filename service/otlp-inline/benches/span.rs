//! What a span costs here, with the stock SDK, and with fastrace: one of six attributes, under a parent that is given.
//!
//! `ends` is the time the thread that ends the span takes; nothing is exported meanwhile. `all-in` is the CPU time of the
//! whole process, with the export: encoded by each way's own exporter, and thrown away by the same HTTP client. Before
//! both, the allocations of a span are counted and printed.
//!
//! fastrace knows attributes as text only, so its numbers are written out; it keeps whole traces together, and here each
//! span is one. It is exported by `fastrace-opentelemetry` and the stock exporter.
//!
//! `cargo bench -p otlp-inline --bench span`, on a machine that does nothing else.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a benchmark")]

use std::{
    alloc::System,
    borrow::Cow,
    hint::black_box,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use nix::time::{ClockId, clock_gettime};
use opentelemetry::{
    Context, InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{Span as _, SpanContext, SpanKind, TraceContextExt as _, TraceState, Tracer, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_sdk::{
    Resource,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider},
};
use otlp_inline::{BatchConfig, Otlp, TracerProvider};
use prost::Message as _;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Spans that are a part of a batch only, so that none is exported before it is asked for.
const PART: u64 = 256;
/// Spans of several batches, and fewer than may wait.
const BATCHES: u64 = 2_048;
/// More than are ever ended between two flushes.
const QUEUE: usize = 16_384;
const BATCH: usize = 512;
const NEVER: Duration = Duration::from_hours(1);

const TRACE_ID: u128 = 0x4BF9_2F35_77B3_4DA6_A3CE_929D_0E0E_4736;
const PARENT: u64 = 0x00F0_67AA_0BA9_02B7;

/// A way to trace.
struct Way {
    name: &'static str,
    /// Starts and ends one.
    span: Box<dyn Fn()>,
    /// Exports what has ended.
    flush: Box<dyn Fn()>,
    thrown_away: ThrownAway,
}

/// A client that takes requests and throws them away. To check a way first, it counts the spans in them.
#[derive(Clone, Debug, Default)]
struct ThrownAway {
    is_counting: Arc<AtomicBool>,
    spans: Arc<AtomicUsize>,
}

impl HttpClient for ThrownAway {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        if self.is_counting.load(Ordering::Relaxed) {
            let request = ExportTraceServiceRequest::decode(request.into_body()).unwrap();
            let scopes = request.resource_spans.iter().flat_map(|spans| &spans.scope_spans);
            self.spans.fetch_add(scopes.map(|scope| scope.spans.len()).sum(), Ordering::Relaxed);
        }
        Box::pin(async { Ok(Response::new(Bytes::new())) })
    }
}

fn span(tracer: &impl Tracer, parent: &Context, user: &str) {
    let mut span = tracer
        .span_builder("GET /items/{id}")
        .with_kind(SpanKind::Server)
        .with_attributes([
            KeyValue::new("http.request.method", "GET"),
            KeyValue::new("http.route", "/items/{id}"),
            KeyValue::new("enduser.id", user.to_owned()),
            KeyValue::new("http.response.status_code", 200),
            KeyValue::new("server.port", 8_080),
            KeyValue::new("app.score", 0.75),
        ])
        .start_with_context(tracer, parent);
    span.end();
}

fn parent() -> Context {
    let context =
        SpanContext::new(TraceId::from(TRACE_ID), SpanId::from(PARENT), TraceFlags::SAMPLED, true, TraceState::NONE);
    Context::new().with_remote_span_context(context)
}

fn resource() -> Resource {
    Resource::builder_empty().with_service_name("bench").build()
}

fn inline() -> Way {
    let thrown_away = ThrownAway::default();
    let otlp = Otlp::http("http://localhost").with_http_client(Arc::new(thrown_away.clone()));
    let batches = BatchConfig { max_queue_size: QUEUE, max_export_batch_size: BATCH, scheduled_delay: NEVER };
    let provider = TracerProvider::builder(otlp).with_resource(resource()).with_batch_config(batches).build().unwrap();
    let (tracer, parent) = (provider.tracer("bench"), parent());
    Way {
        name: "otlp-inline",
        span: Box::new(move || span(&tracer, &parent, black_box("user-1234567"))),
        flush: Box::new(move || provider.force_flush().unwrap()),
        thrown_away,
    }
}

fn exporter(thrown_away: &ThrownAway) -> opentelemetry_otlp::SpanExporter {
    opentelemetry_otlp::SpanExporter::builder()
        .with_http()
        .with_protocol(opentelemetry_otlp::Protocol::HttpBinary)
        .with_endpoint("http://localhost/v1/traces")
        .with_http_client(thrown_away.clone())
        .build()
        .unwrap()
}

fn stock() -> Way {
    let thrown_away = ThrownAway::default();
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(QUEUE)
        .with_max_export_batch_size(BATCH)
        .with_scheduled_delay(NEVER)
        .build();
    let processor = BatchSpanProcessor::builder(exporter(&thrown_away)).with_batch_config(batches).build();
    let provider = SdkTracerProvider::builder().with_resource(resource()).with_span_processor(processor).build();
    let (tracer, parent) = (provider.tracer("bench"), parent());
    Way {
        name: "opentelemetry_sdk",
        span: Box::new(move || span(&tracer, &parent, black_box("user-1234567"))),
        flush: Box::new(move || provider.force_flush().unwrap()),
        thrown_away,
    }
}

/// Its collector is one of the process.
fn fastrace() -> Way {
    use fastrace::prelude::{Span, SpanContext, SpanId, TraceId};

    let thrown_away = ThrownAway::default();
    let reporter = fastrace_opentelemetry::OpenTelemetryReporter::new(
        exporter(&thrown_away),
        Cow::Owned(resource()),
        InstrumentationScope::builder("bench").build(),
    );
    fastrace::set_reporter(reporter, fastrace::collector::Config::default().report_interval(NEVER));
    let span = || {
        let parent = SpanContext::new(TraceId(TRACE_ID), SpanId(PARENT));
        let user = black_box("user-1234567");
        drop(Span::root("GET /items/{id}", parent).with_properties(|| {
            [
                (fastrace_opentelemetry::SPAN_KIND, Cow::Borrowed("server")),
                ("http.request.method", Cow::Borrowed("GET")),
                ("http.route", Cow::Borrowed("/items/{id}")),
                ("enduser.id", Cow::Owned(user.to_owned())),
                ("http.response.status_code", Cow::Owned(200.to_string())),
                ("server.port", Cow::Owned(8_080.to_string())),
                ("app.score", Cow::Owned(0.75.to_string())),
            ]
        }));
    };
    Way { name: "fastrace", span: Box::new(span), flush: Box::new(fastrace::flush), thrown_away }
}

fn ways() -> [Way; 3] {
    [inline(), stock(), fastrace()]
}

/// Nothing is measured that does not arrive.
fn check(way: &Way) {
    way.thrown_away.is_counting.store(true, Ordering::Relaxed);
    (0..BATCHES).for_each(|_| (way.span)());
    (way.flush)();
    way.thrown_away.is_counting.store(false, Ordering::Relaxed);
    let arrived = way.thrown_away.spans.load(Ordering::Relaxed);
    assert_eq!(arrived as u64, BATCHES, "{}", way.name);
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn count_allocations(way: &Way) {
    // What is kept for the next spans is there after the first.
    (0..PART).for_each(|_| (way.span)());
    (way.flush)();

    let region = Region::new(ALLOCATOR);
    (0..PART).for_each(|_| (way.span)());
    let ends = region.change();
    (way.flush)();
    let all_in = region.change();

    let each = |count: usize| count as f64 / PART as f64;
    println!(
        "{:<18} {:>6.2} allocations, {:>6.0} bytes a span; with its export {:>6.2}, {:>6.0}",
        way.name,
        each(ends.allocations + ends.reallocations),
        each(ends.bytes_allocated),
        each(all_in.allocations + all_in.reallocations),
        each(all_in.bytes_allocated),
    );
}

/// Time on a core, of all threads.
fn cpu_time() -> Duration {
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).unwrap().into()
}

fn in_blocks(spans: u64, most: u64, mut block: impl FnMut(u64)) {
    let mut left = spans;
    while left > 0 {
        let now = left.min(most);
        block(now);
        left -= now;
    }
}

fn spans(criterion: &mut Criterion) {
    let ways = ways();
    for way in &ways {
        check(way);
    }
    for way in &ways {
        count_allocations(way);
    }
    for way in &ways {
        criterion.bench_function(&format!("ends/{}", way.name), |bencher| {
            bencher.iter_custom(|spans| {
                let mut taken = Duration::ZERO;
                in_blocks(spans, PART, |block| {
                    let begun = Instant::now();
                    (0..block).for_each(|_| (way.span)());
                    taken += begun.elapsed();
                    (way.flush)();
                });
                taken
            });
        });
    }
    for way in &ways {
        criterion.bench_function(&format!("all-in/{}", way.name), |bencher| {
            bencher.iter_custom(|spans| {
                let begun = cpu_time();
                in_blocks(spans, BATCHES, |block| {
                    (0..block).for_each(|_| (way.span)());
                    (way.flush)();
                });
                cpu_time().saturating_sub(begun)
            });
        });
    }
}

criterion_group!(benches, spans);
criterion_main!(benches);
