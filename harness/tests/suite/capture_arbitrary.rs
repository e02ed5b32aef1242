//! Captures of every shape that the types allow, for property tests.

use std::sync::Arc;

use otelgate_harness::capture::arrived::{Arrived, StoredMetrics, StoredSample, StoredSeries};
use otelgate_harness::capture::{
    Attributes, BucketRun, Canary, Capture, Dropped, Event, Exchange, Exemplar, ExponentialBuckets, Family,
    HistogramPoint, Link, LogRecord, LogVia, MetricKind, Origin, Party, Point, PointValue, Resource, Run, Scope,
    Scrape, Span, SpanId, SpanKind, Status, StatusCode, Str, Temporality, TraceContext, TraceId, Value,
    prometheus_name,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// The capture as text in which `NaN` equals itself.
pub(crate) fn printed(capture: &Capture) -> String {
    format!("{capture:#?}")
}

pub(crate) fn capture() -> impl Strategy<Value = Capture> {
    (run(), vec(span(), 0..8), vec(scrape(), 0..4), vec(log(), 0..6), vec(exchange(), 0..3), arrived()).prop_map(
        |(run, spans, scrapes, logs, exchanges, arrived)| Capture { run, spans, scrapes, logs, exchanges, arrived },
    )
}

fn arrived() -> impl Strategy<Value = Arrived> {
    let labels = || btree_map(any::<String>(), any::<String>(), 0..3);
    let sample = (any::<u64>(), double()).prop_map(|(time, value)| StoredSample { time, value });
    let series = (labels(), vec(sample, 0..3)).prop_map(|(labels, samples)| StoredSeries {
        labels,
        samples,
        ..StoredSeries::default()
    });
    let metrics = vec(series, 0..3).prop_map(|series| StoredMetrics { series, ..StoredMetrics::default() });
    (option::of(vec(span(), 0..4)), option::of(metrics)).prop_map(|(traces, metrics)| Arrived {
        traces,
        metrics,
        ..Arrived::default()
    })
}

fn text() -> impl Strategy<Value = Str> {
    prop_oneof![
        3 => any::<String>(),
        1 => Just(String::new()),
        1 => Just("\u{0}\"\\/\n\u{2028}ÿ€𝄞\u{10ffff}".to_owned()),
        1 => Just("x".repeat(300)),
    ]
    .prop_map(Str::from)
}

/// Every bit pattern; NaNs as the one `NaN` that JSON has a name for.
fn double() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => any::<u64>().prop_map(f64::from_bits),
        1 => any::<f64>(),
        1 => prop::sample::select(vec![0.0, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
    .prop_map(|number| if number.is_nan() { f64::NAN } else { number })
}

fn long() -> impl Strategy<Value = u64> {
    prop_oneof![any::<u64>(), Just(0), Just(u64::MAX), Just(1_700_000_000_123_456_789)]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        text().prop_map(Value::Str),
        any::<bool>().prop_map(Value::Bool),
        prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), Just(0)].prop_map(Value::Int),
        double().prop_map(Value::Double),
        vec(any::<u8>(), 0..9).prop_map(|bytes| Value::Bytes(bytes.into())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(|items| Value::Array(items.into())),
            vec((text(), inner), 0..3).prop_map(|pairs| Value::Map(pairs.into())),
        ]
    })
}

/// Duplicate keys included: OTLP forbids them, and a check has to see them.
fn attributes() -> impl Strategy<Value = Attributes> {
    vec((prop_oneof![text(), Just(Str::from("twice"))], value()), 0..4).prop_map(Attributes::from_iter)
}

fn trace_id() -> impl Strategy<Value = TraceId> {
    any::<[u8; 16]>().prop_map(TraceId)
}

fn span_id() -> impl Strategy<Value = SpanId> {
    any::<[u8; 8]>().prop_map(SpanId)
}

/// Few origins, so that neighbours share one, and share a resource but no scope.
fn origin() -> impl Strategy<Value = Arc<Origin>> {
    let resource = (0_u8..2, attributes(), any::<u32>(), text()).prop_map(|(few, attributes, dropped, schema_url)| {
        if few == 0 {
            return Arc::default();
        }
        Arc::new(Resource { attributes, dropped_attributes: dropped, schema_url })
    });
    let scope = (text(), text(), attributes(), any::<u32>(), text()).prop_map(
        |(name, version, attributes, dropped_attributes, schema_url)| {
            Arc::new(Scope { name, version, attributes, dropped_attributes, schema_url })
        },
    );
    (resource, prop_oneof![Just(Arc::default()), scope])
        .prop_map(|(resource, scope)| Arc::new(Origin { resource, scope }))
}

fn span() -> impl Strategy<Value = Span> {
    let event = (long(), text(), attributes(), any::<u32>())
        .prop_map(|(time, name, attributes, dropped_attributes)| Event { time, name, attributes, dropped_attributes });
    let link = (trace_id(), span_id(), text(), attributes(), any::<u32>(), any::<u32>()).prop_map(
        |(trace_id, span_id, trace_state, attributes, dropped_attributes, flags)| Link {
            trace_id,
            span_id,
            trace_state,
            attributes,
            dropped_attributes,
            flags,
        },
    );
    let kind = prop::sample::select(vec![
        SpanKind::Unspecified,
        SpanKind::Internal,
        SpanKind::Server,
        SpanKind::Client,
        SpanKind::Producer,
        SpanKind::Consumer,
    ]);
    let code = prop::sample::select(vec![StatusCode::Unset, StatusCode::Ok, StatusCode::Error]);
    let ids = (trace_id(), span_id(), option::of(span_id().prop_filter("a root", |id| !id.is_zero())));
    let what = (any::<u32>(), text(), kind, long(), long(), attributes());
    let inside = (vec(event, 0..3), vec(link, 0..3), code, text(), text());
    let rest = (any::<[u32; 3]>(), origin());
    (ids, what, inside, rest).prop_map(
        |(
            (trace_id, span_id, parent),
            (flags, name, kind, start, end, attributes),
            (events, links, code, message, trace_state),
            ([dropped_attributes, dropped_events, dropped_links], origin),
        )| Span {
            trace_id,
            span_id,
            parent,
            flags,
            name,
            kind,
            start,
            end,
            attributes,
            events,
            links,
            status: Status { code, message },
            trace_state,
            dropped: Dropped { attributes: dropped_attributes, events: dropped_events, links: dropped_links },
            origin,
        },
    )
}

fn log() -> impl Strategy<Value = LogRecord> {
    let via = prop::sample::select(vec![LogVia::Otlp, LogVia::StdoutJson, LogVia::StdoutText]);
    let times = (long(), long());
    let level = (any::<i32>(), text());
    let ids = (
        option::of(trace_id().prop_filter("no id", |id| !id.is_zero())),
        option::of(span_id().prop_filter("no id", |id| !id.is_zero())),
    );
    (via, times, level, value(), attributes(), any::<[u32; 2]>(), ids, text(), origin()).prop_map(
        |(
            via,
            (time, observed_time),
            (severity, severity_text),
            body,
            attributes,
            [dropped_attributes, flags],
            (trace_id, span_id),
            event_name,
            origin,
        )| LogRecord {
            via,
            time,
            observed_time,
            severity,
            severity_text,
            body,
            attributes,
            dropped_attributes,
            flags,
            trace_id,
            span_id,
            event_name,
            origin,
        },
    )
}

fn scrape() -> impl Strategy<Value = Scrape> {
    let of_otlp = (long(), text(), vec(family(), 0..4)).prop_map(|(time, source, families)| Scrape {
        time,
        source,
        text: String::new(),
        families,
    });
    let of_text = || {
        (long(), 0_u32..9).prop_map(|(time, n)| {
            let text = format!("# TYPE a_total counter\na_total{{x=\"{{{n}}}\"}} {n}\n# TYPE b gauge\nb NaN\n");
            Scrape::of_exposition(time, "http://localhost:1/metrics", text).unwrap()
        })
    };
    // What a test that tampers with a scrape makes: families unlike the text.
    let tampered = (of_text(), vec(family(), 0..2)).prop_map(|(scrape, families)| Scrape { families, ..scrape });
    prop_oneof![2 => of_otlp, 1 => of_text(), 1 => tampered]
}

/// A family that OTLP can carry; its name is mostly, not always, the translation of its instrument's.
pub(crate) fn family() -> impl Strategy<Value = Family> {
    let kind = prop::sample::select(vec![
        MetricKind::Unknown,
        MetricKind::Counter,
        MetricKind::Gauge,
        MetricKind::Histogram,
        MetricKind::ExponentialHistogram,
        MetricKind::Summary,
    ]);
    let names = (option::of(text()), text(), prop::sample::select(vec!["", "s", "By", "1", "{token}"]), any::<bool>());
    (kind, names, text(), any::<bool>(), origin()).prop_flat_map(|(kind, names, help, delta, origin)| {
        vec(point(kind), 0..3).prop_map(move |points| {
            let (instrument, other_name, unit, translated) = names.clone();
            let name = match &instrument {
                Some(instrument) if translated => prometheus_name(instrument, unit, kind).into(),
                _ => other_name,
            };
            // Gauges of unknown kind and summaries have no temporality in OTLP.
            let delta = delta && kind != MetricKind::Summary;
            Family {
                name,
                instrument,
                help: help.clone(),
                unit: unit.into(),
                kind,
                temporality: if delta { Temporality::Delta } else { Temporality::Cumulative },
                points,
                origin: origin.clone(),
            }
        })
    })
}

fn point(kind: MetricKind) -> impl Strategy<Value = Point> {
    let exemplars = if kind == MetricKind::Summary { 0..1 } else { 0..3 };
    (attributes(), point_value(kind), long(), long(), vec(exemplar(), exemplars))
        .prop_map(|(labels, value, start, time, exemplars)| Point { labels, value, start, time, exemplars })
}

fn point_value(kind: MetricKind) -> BoxedStrategy<PointValue> {
    let summary = || (long(), option::of(double()), option::of(double()), option::of(double()));
    match kind {
        MetricKind::Unknown | MetricKind::Counter | MetricKind::Gauge => double().prop_map(PointValue::Number).boxed(),
        MetricKind::Summary => (long(), double(), vec((double(), double()), 0..3))
            .prop_map(|(count, sum, quantiles)| PointValue::Summary { count, sum, quantiles })
            .boxed(),
        MetricKind::Histogram => (summary(), vec(double(), 0..4), vec(long(), 0..5))
            .prop_map(|((count, sum, min, max), bounds, counts)| {
                PointValue::Histogram(HistogramPoint { count, sum, bounds, counts, min, max, exponential: None })
            })
            .boxed(),
        MetricKind::ExponentialHistogram => {
            let run = || (any::<i32>(), vec(long(), 0..4)).prop_map(|(offset, counts)| BucketRun { offset, counts });
            (summary(), any::<i32>(), long(), double(), run(), run())
                .prop_map(|((count, sum, min, max), scale, zero_count, zero_threshold, positive, negative)| {
                    let buckets = ExponentialBuckets { scale, zero_count, zero_threshold, positive, negative };
                    PointValue::Histogram(HistogramPoint {
                        count,
                        sum,
                        min,
                        max,
                        exponential: Some(Box::new(buckets)),
                        ..HistogramPoint::default()
                    })
                })
                .boxed()
        }
    }
}

fn exemplar() -> impl Strategy<Value = Exemplar> {
    let ids = (
        option::of(trace_id().prop_filter("no id", |id| !id.is_zero())),
        option::of(span_id().prop_filter("no id", |id| !id.is_zero())),
    );
    (double(), long(), ids, attributes()).prop_map(|(value, time, (trace_id, span_id), labels)| Exemplar {
        value,
        time,
        trace_id,
        span_id,
        labels,
    })
}

fn run() -> impl Strategy<Value = Run> {
    let canary = (any::<String>(), any::<String>()).prop_map(|(name, value)| Canary { name, value });
    (any::<String>(), any::<String>(), vec(any::<String>(), 0..3), vec(canary, 0..3))
        .prop_map(|(id, service, scenarios, canaries)| Run { id, service, scenarios, canaries })
}

fn exchange() -> impl Strategy<Value = Exchange> {
    let by = prop::sample::select(vec![Party::Driver, Party::Model, Party::Qdrant, Party::Redis]);
    let trace = prop_oneof![
        Just(None),
        Just(Some(TraceContext::None)),
        any::<String>().prop_map(|header| Some(TraceContext::Malformed { header })),
        (any::<String>(), any::<String>())
            .prop_map(|(trace_id, span_id)| Some(TraceContext::Sampled { trace_id, span_id })),
    ];
    let texts = any::<[String; 5]>();
    let headers = || btree_map(any::<String>(), any::<String>(), 0..3);
    let numbers = (any::<usize>(), option::of(any::<u16>()), long(), long(), any::<bool>());
    (by, trace, texts, headers(), headers(), headers(), numbers, btree_map(any::<String>(), double(), 0..3)).prop_map(
        |(by, trace, texts, request_headers, response_headers, tags, (step, status, start, end, left), facts)| {
            let [scenario, method, path, request_body, response_body] = texts;
            Exchange {
                by,
                scenario,
                step,
                method,
                path,
                request_headers,
                request_body,
                status,
                response_headers,
                response_body,
                start,
                end,
                left,
                trace,
                tags,
                facts,
                unmet: vec!["one".to_owned()],
            }
        },
    )
}
