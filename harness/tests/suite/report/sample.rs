//! A small run with one finding of most kinds.

use std::sync::Arc;
use std::time::Duration;

use otelgate_harness::capture::{
    Attributes, Canary, Capture, Family, LogRecord, LogVia, MetricKind, Point, PointValue, Run, Scrape, Span, SpanId,
    SpanKind, Status, StatusCode, TraceId, Value,
};
use otelgate_harness::finding::{Finding, Level, Outcome, Place, Signal, Tally, Waiver};
use otelgate_harness::report::{Report, RunSummary, TerminalOptions, terminal};

pub(super) const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub(super) const SECRET: &str = "canary-7f3a-query-text";

/// A span of trace [`TRACE`]; times are milliseconds from the run's start.
pub(super) fn span(id: u8, parent: Option<u8>, name: &str, kind: SpanKind, start: u64, end: u64) -> Span {
    Span {
        trace_id: TraceId::from_hex(TRACE).unwrap(),
        span_id: span_id(id),
        parent: parent.map(span_id),
        name: Arc::from(name),
        kind,
        start: start * 1_000_000,
        end: end * 1_000_000,
        ..Span::default()
    }
}

fn span_id(id: u8) -> SpanId {
    SpanId([0, 0, 0, 0, 0, 0, 0, id])
}

pub(super) fn capture() -> Capture {
    use SpanKind::{Client, Internal, Server};
    let mut search = span(4, Some(2), "rag.vector_search", Internal, 60, 90);
    search.attributes = attributes(&[("results.count", Value::from("5")), ("score.max", Value::from(0.5))]);
    let mut model = span(6, Some(5), "chat gpt-4o-mini", Client, 95, 700);
    model.status = Status { code: StatusCode::Error, message: Arc::from("") };
    model.attributes = attributes(&[("error.type", Value::from("timeout"))]);
    Capture {
        run: Run {
            id: "run-42".to_owned(),
            service: "rag-service".to_owned(),
            scenarios: vec!["cold query".to_owned(), "cached query".to_owned()],
            canaries: vec![Canary { name: "query".to_owned(), value: SECRET.to_owned() }],
        },
        spans: vec![
            span(1, None, "POST /api/rag", Server, 0, 812),
            span(2, Some(1), "rag.query", Internal, 2, 800),
            span(3, Some(2), "rag.embedding", Internal, 5, 55),
            search,
            span(5, Some(2), "rag.llm_generation", Internal, 92, 750),
            model,
            span(7, Some(99), "SET", Client, 760, 761),
        ],
        scrapes: vec![scrape(), scrape()],
        logs: vec![LogRecord {
            via: LogVia::StdoutText,
            time: 0,
            observed_time: 0,
            severity: 0,
            severity_text: Arc::from(""),
            body: Value::from("started"),
            attributes: Attributes::default(),
            dropped_attributes: 0,
            flags: 0,
            trace_id: None,
            span_id: None,
            event_name: Arc::from(""),
            origin: Arc::default(),
        }],
        ..Capture::default()
    }
}

fn scrape() -> Scrape {
    let point = |stage: &str| Point {
        labels: attributes(&[("stage", Value::from(stage))]),
        value: PointValue::Number(1.0),
        start: 0,
        time: 0,
        exemplars: Vec::new(),
    };
    let family = Family {
        name: Arc::from("rag_query_errors_total"),
        kind: MetricKind::Counter,
        points: vec![point("llm"), point("search")],
        ..Family::default()
    };
    Scrape { families: vec![family], ..Scrape::default() }
}

pub(super) fn attributes(pairs: &[(&str, Value)]) -> Attributes {
    pairs.iter().map(|(key, value)| (Arc::from(*key), value.clone())).collect()
}

/// A finding of `check` about the first request of `cold query`.
pub(super) fn finding(
    check: &'static str,
    id: &'static str,
    subject: &str,
    message: &str,
    at: Option<u8>,
    path: &str,
) -> Finding {
    let mut finding = Finding::violation(id, Signal::Trace, subject, message).at(Place {
        scenario: Some("cold query".to_owned()),
        step: Some(0),
        trace_id: Some(TRACE.to_owned()),
        span_id: at.map(|id| span_id(id).to_string()),
        path: path.to_owned(),
    });
    finding.check = check;
    finding
}

pub(super) fn missing_span() -> Finding {
    finding(
        "trees",
        "span.missing",
        "cold query / rag.rerank",
        "`rag.rerank` is missing under `rag.query`",
        Some(2),
        "POST /api/rag > rag.query > rag.rerank",
    )
    .wanted("exactly 1")
    .found("none; nearest: rag.vector_search, rag.embedding")
    .hint("start the span in the rerank stage")
}

pub(super) fn wrong_type() -> Finding {
    let mut finding = finding(
        "attributes",
        "attribute.type",
        "cold query / rag.vector_search / results.count",
        "`results.count` is a string",
        Some(4),
        "POST /api/rag > rag.query > rag.vector_search · results.count",
    )
    .wanted("int, at least 1")
    .found("\"5\"");
    finding.more = 3;
    finding
}

pub(super) fn waived() -> (Finding, Waiver) {
    let finding = finding("trees", "span.orphan", "cold query / SET", "parent not found", Some(7), "SET");
    let waiver = Waiver {
        finding: "span.orphan".to_owned(),
        subject: "cold query / SET".to_owned(),
        reason: "the cache client detaches its writes; to be mended with its next release".to_owned(),
    };
    (finding, waiver)
}

fn tally(check: &'static str, about: &'static str, examined: u64, unit: &'static str) -> Tally {
    Tally { check, about, examined, unit, violations: 0 }
}

pub(super) fn checks() -> Vec<Tally> {
    vec![
        tally("trees", "each request leaves the trace that its scenario promises", 1, "traces"),
        tally("attributes", "each span has the attributes it must have, and no others", 7, "spans"),
        tally("metrics", "each metric has its kind, unit, labels and buckets", 2, "series"),
    ]
}

pub(super) fn red() -> Outcome {
    let mut remark =
        Finding::violation("metric.label-value", Signal::Metric, "rag_query_errors_total", "a label is odd")
            .with_level(Level::Improvement);
    remark.check = "metrics";
    Outcome::new(vec![missing_span(), wrong_type(), remark], vec![waived()], checks())
}

pub(super) fn green() -> Outcome {
    Outcome::new(Vec::new(), vec![waived()], checks())
}

pub(super) fn summary(capture: &Capture) -> RunSummary {
    RunSummary {
        stack: "embedded".to_owned(),
        versions: [("otelgate".to_owned(), "0.1.0".to_owned())].into(),
        duration: Duration::from_millis(3_200),
        ..RunSummary::of(capture)
    }
}

/// The terminal report as text.
pub(super) fn printed(outcome: &Outcome, capture: &Capture, options: TerminalOptions) -> String {
    let report = Report::new(outcome, capture, &summary(capture));
    let mut out = Vec::new();
    terminal(&report, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}
