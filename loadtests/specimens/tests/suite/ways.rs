//! Every way delivers the same spans, and answers the same.

use std::collections::BTreeMap;

use otelgate_harness::capture::{Span, SpanKind, Value};

use crate::support::{Answered, CALLER, OVER_HTTP, PATIENCE, Settings, Specimen, answered, trace_id, traceparent};

const QUESTIONS: u64 = 3;

/// What tracing-opentelemetry adds to each span unless it is told not to.
const ADDED_BY_TRACING: [&str; 8] = [
    "busy_ns",
    "code.file.path",
    "code.line.number",
    "code.module.name",
    "idle_ns",
    "target",
    "thread.id",
    "thread.name",
];

/// The name, kind and parent of each span, by its start.
const SHAPE: [(&str, SpanKind, &str); 9] = [
    ("POST /ask", SpanKind::Server, "caller"),
    ("rag.query", SpanKind::Internal, "POST /ask"),
    ("GET", SpanKind::Client, "rag.query"),
    ("embeddings text-embedding-3-large", SpanKind::Client, "rag.query"),
    ("query rag_documents", SpanKind::Client, "rag.query"),
    ("rag.rerank", SpanKind::Internal, "rag.query"),
    ("rag.prompt", SpanKind::Internal, "rag.query"),
    ("chat gpt-4o-mini", SpanKind::Client, "rag.query"),
    ("SET", SpanKind::Client, "rag.query"),
];

/// A span without what differs from run to run.
#[derive(Clone, Debug, PartialEq)]
struct Portrait {
    name: String,
    kind: SpanKind,
    parent: String,
    attributes: BTreeMap<String, Value>,
}

/// The spans of a trace, by their start.
fn portraits(spans: &[Span], number: u64) -> Vec<Portrait> {
    let trace = trace_id(number);
    let mut spans: Vec<&Span> = spans.iter().filter(|span| span.trace_id.to_string() == trace).collect();
    // Clocks of two spans may read the same; then the parent is first.
    spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let parent_of = |span: &Span| {
        let parent = span.parent.map(|parent| parent.to_string()).unwrap_or_default();
        let known = spans.iter().find(|other| other.span_id.to_string() == parent);
        match known {
            Some(known) => known.name.to_string(),
            None if parent == CALLER => "caller".to_owned(),
            None => format!("unknown {parent}"),
        }
    };
    let portrait = |span: &&Span| Portrait {
        name: span.name.to_string(),
        kind: span.kind,
        parent: parent_of(span),
        attributes: span.attributes.iter().map(|(key, value)| (key.to_string(), value.clone())).collect(),
    };
    spans.iter().map(portrait).collect()
}

/// What a specimen answers to the questions, and the trace of each.
async fn seen(way: &str, settings: Settings<'_>) -> (Vec<Answered>, Vec<Vec<Portrait>>) {
    let specimen = Specimen::start(way, settings).await;
    let mut answers = Vec::new();
    for number in 1..=QUESTIONS {
        answers.push(specimen.ask(number).await);
    }
    let spans = specimen.stop().await;
    (answers, (1..=QUESTIONS).map(|number| portraits(&spans, number)).collect())
}

/// Asserts that a way answers as `direct` does, and delivers the same spans once `apart` is made of each span's
/// attributes, and `of_direct` of each value that `direct` delivers: what is known to differ.
async fn delivers_what_direct_does(
    way: &str,
    settings: Settings<'_>,
    apart: impl Fn(BTreeMap<String, Value>) -> BTreeMap<String, Value>,
    of_direct: impl Fn(Value) -> Value,
) {
    let ((wanted_answers, mut wanted), (answers, mut traces)) = tokio::join!(seen("direct", &[]), seen(way, settings));

    for portrait in traces.iter_mut().flatten() {
        portrait.attributes = apart(std::mem::take(&mut portrait.attributes));
    }
    for portrait in wanted.iter_mut().flatten() {
        let attributes = std::mem::take(&mut portrait.attributes);
        portrait.attributes = attributes.into_iter().map(|(key, value)| (key, of_direct(value))).collect();
    }
    assert_eq!(answers, wanted_answers, "{way}");
    assert_eq!(traces, wanted, "{way}");
}

#[tokio::test]
async fn direct_delivers_nine_spans_of_six_attributes() {
    let (answers, traces) = seen("direct", &[]).await;

    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    for trace in traces {
        let shape: Vec<_> = trace.iter().map(|span| (span.name.as_str(), span.kind, span.parent.as_str())).collect();
        assert_eq!(shape, SHAPE);
        for span in trace {
            assert_eq!(span.attributes.len(), 6, "{span:?}");
        }
    }
}

#[tokio::test]
async fn inline_delivers_what_the_sdk_does() {
    delivers_what_direct_does("inline", &[], |own| own, |value| value).await;
    delivers_what_direct_does("inline", &[OVER_HTTP], |own| own, |value| value).await;
}

#[tokio::test]
async fn told_delivers_what_the_sdk_does() {
    delivers_what_direct_does("told", &[], |own| own, |value| value).await;
}

#[tokio::test]
async fn direct_over_http_delivers_the_same() {
    delivers_what_direct_does("direct", &[OVER_HTTP], |own| own, |value| value).await;
}

#[tokio::test]
async fn tracing_delivers_the_same_and_eight_attributes_more() {
    let without_the_added = |mut own: BTreeMap<String, Value>| {
        for key in ADDED_BY_TRACING {
            assert!(own.remove(key).is_some(), "{key} is missing: {own:?}");
        }
        own
    };

    delivers_what_direct_does("tracing", &[], without_the_added, |value| value).await;
}

#[tokio::test]
async fn tracing_trimmed_delivers_the_same() {
    delivers_what_direct_does("tracing-trimmed", &[], |own| own, |value| value).await;
}

#[tokio::test]
async fn fastrace_delivers_the_same_but_every_value_is_text() {
    let as_text = |value: Value| match value {
        Value::Bool(value) => Value::from(value.to_string().as_str()),
        Value::Int(value) => Value::from(value.to_string().as_str()),
        Value::Double(value) => Value::from(value.to_string().as_str()),
        other => other,
    };

    delivers_what_direct_does("fastrace", &[], |own| own, as_text).await;
}

#[tokio::test]
async fn fastrace_over_http_delivers_as_many() {
    let (_, traces) = seen("fastrace", &[OVER_HTTP]).await;

    assert_eq!(traces.iter().map(Vec::len).collect::<Vec<_>>(), [9, 9, 9]);
}

#[tokio::test]
async fn without_a_filter_tracing_exports_its_exporter_as_well() {
    // The connections of clients are traced when they are made, so spans of theirs are in a later batch.
    let settings = [("OTEL_BSP_SCHEDULE_DELAY", "20")];
    let specimen = Specimen::start("tracing-unfiltered", &settings).await;
    let mut counts = specimen.collector.changed();

    specimen.ask(1).await;
    let more = tokio::time::timeout(PATIENCE, counts.wait_for(|counts| counts.spans > 9)).await;

    assert!(more.is_ok(), "the exporter was not traced: {:?}", specimen.collector.counts());
    drop(more);
    let spans = specimen.stop().await;
    assert_eq!(portraits(&spans, 1).len(), 9);
    assert!(spans.iter().any(|span| span.trace_id.to_string() != trace_id(1)));
}

#[tokio::test]
async fn none_answers_the_same_and_emits_nothing() {
    let ((wanted, _), (answers, traces)) = tokio::join!(seen("direct", &[]), seen("none", &[]));

    assert_eq!(answers, wanted);
    assert!(traces.iter().all(Vec::is_empty), "{traces:?}");
}

#[tokio::test]
async fn a_sampler_that_is_off_leaves_answers_and_metrics() {
    let specimen = Specimen::start("direct", &[("OTEL_TRACES_SAMPLER", "always_off")]).await;

    let answer = specimen.ask(1).await;
    let metrics = specimen.get("/metrics").await;

    assert_eq!(answer.status, 200);
    assert!(metrics.body.contains("rag_questions_total{outcome=\"answered\"} 1"), "{}", metrics.body);
    assert!(specimen.stop().await.is_empty());
}

#[tokio::test]
async fn every_way_but_none_records_the_same_metrics() {
    for way in ["direct", "inline", "told", "tracing-trimmed", "fastrace"] {
        let specimen = Specimen::start(way, &[]).await;

        specimen.ask(1).await;
        let metrics = specimen.get("/metrics").await.body;

        let stages = metrics.matches("rag_stage_duration_seconds_count{").count();
        let others = [
            "rag_questions_total{outcome=\"answered\"} 1",
            "http_server_active_requests{http_request_method=\"POST\",url_scheme=\"http\"} 0",
            "http_server_request_duration_seconds_count{",
        ];
        assert_eq!(stages, 7, "{way}: {metrics}");
        assert!(others.iter().all(|line| metrics.contains(line)), "{way}: {metrics}");
    }
    let specimen = Specimen::start("none", &[]).await;
    specimen.ask(1).await;
    assert_eq!(specimen.get("/metrics").await.body, "");
}

#[tokio::test]
async fn a_caller_that_does_not_sample_is_followed() {
    for way in ["direct", "inline", "told", "tracing-trimmed", "fastrace"] {
        let specimen = Specimen::start(way, &[]).await;

        let unsampled = answered(specimen.question(1).header("traceparent", traceparent(1, "00"))).await;
        specimen.ask(2).await;

        assert_eq!(unsampled.status, 200, "{way}");
        let spans = specimen.stop().await;
        assert_eq!((portraits(&spans, 1).len(), portraits(&spans, 2).len()), (0, 9), "{way}");
    }
}

#[tokio::test]
async fn without_a_caller_or_with_a_broken_one_a_trace_begins() {
    for way in ["direct", "inline", "told", "tracing-trimmed", "fastrace"] {
        let specimen = Specimen::start(way, &[]).await;

        answered(specimen.question(1)).await;
        answered(specimen.question(2).header("traceparent", "00-nonsense-01")).await;

        let spans = specimen.stop().await;
        let roots = spans.iter().filter(|span| span.name.to_string() == "POST /ask").collect::<Vec<_>>();
        assert_eq!((spans.len(), roots.len()), (18, 2), "{way}");
        assert_ne!(roots[0].trace_id, roots[1].trace_id, "{way}");
    }
}
