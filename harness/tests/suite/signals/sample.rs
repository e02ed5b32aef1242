//! A small healthy run: a question answered, and one that failed because the model did.

use std::sync::Arc;

use otelgate_harness::capture::{
    Attributes, Canary, Capture, Exchange, Exemplar, Family, HistogramPoint, LogRecord, LogVia, MetricKind, Origin,
    Party, Point, PointValue, Resource, Run, Scope, Scrape, Span, SpanId, SpanKind, Status, StatusCode, TraceContext,
    TraceId, Value,
};
use otelgate_harness::checks::{CHECKS, Index};
use otelgate_harness::contract::{Contract, parse};
use otelgate_harness::finding::Finding;

pub(super) const SECRET: &str = "canary+7f3a/\"query";

/// The trace of the question that was answered, and of the one that failed.
pub(super) const GOOD: TraceId = TraceId([1; 16]);
pub(super) const BAD: TraceId = TraceId([2; 16]);

/// Positions of spans in the capture.
pub(super) const SERVER: usize = 0;
pub(super) const QUERY: usize = 1;
pub(super) const REDIS: usize = 2;
pub(super) const QDRANT: usize = 3;
pub(super) const CHAT: usize = 4;
pub(super) const CLIENT: usize = 5;
pub(super) const BAD_SERVER: usize = 6;
pub(super) const BAD_CHAT: usize = 7;
pub(super) const BAD_CLIENT: usize = 8;

pub(super) fn attributes(pairs: &[(&str, Value)]) -> Attributes {
    pairs.iter().map(|(key, value)| (Arc::from(*key), value.clone())).collect()
}

pub(super) fn contract(yaml: &str) -> Contract {
    parse(&format!("version: 1\n{yaml}"), "contract.yaml").unwrap()
}

/// What one check says, by the name of its file.
pub(super) fn said(check: &str, capture: &Capture, contract: &Contract) -> Vec<Finding> {
    examined(check, capture, contract).1
}

/// The same, with how much it examined.
pub(super) fn examined(check: &str, capture: &Capture, contract: &Contract) -> (u64, Vec<Finding>) {
    let index = Index::new(capture);
    let mut findings = Vec::new();
    let check = CHECKS.iter().find(|known| known.name == check).expect("a check of this name");
    let examined = (check.run)(&index, contract, &mut findings);
    (examined, findings)
}

/// Id and subject of each finding.
pub(super) fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect()
}

pub(super) fn capture() -> Capture {
    Capture {
        run: Run {
            id: "run-1".to_owned(),
            service: "rag-service".to_owned(),
            scenarios: vec!["cold query".to_owned(), "model down".to_owned()],
            canaries: vec![Canary { name: "query".to_owned(), value: SECRET.to_owned() }],
        },
        spans: spans(),
        scrapes: vec![scrape(1, 0), scrape(900, 1)],
        logs: logs(),
        exchanges: exchanges(),
        ..Capture::default()
    }
}

pub(super) fn origin() -> Arc<Origin> {
    let resource = attributes(&[
        ("service.name", "rag-service".into()),
        ("service.version", "0.1.0".into()),
        ("service.instance.id", "instance-1".into()),
        ("telemetry.sdk.name", "opentelemetry".into()),
        ("telemetry.sdk.language", "rust".into()),
        ("telemetry.sdk.version", "0.33.0".into()),
        ("otelgate.run.id", "run-1".into()),
    ]);
    Arc::new(Origin {
        resource: Arc::new(Resource { attributes: resource, ..Resource::default() }),
        scope: Arc::new(Scope { name: Arc::from("rag"), ..Scope::default() }),
    })
}

fn span(trace: TraceId, id: u8, parent: u8, name: &str, kind: SpanKind, pairs: &[(&str, Value)]) -> Span {
    let start = if trace == GOOD { 100 } else { 500 };
    Span {
        trace_id: trace,
        span_id: SpanId([id; 8]),
        parent: Some(SpanId([parent; 8])),
        name: Arc::from(name),
        kind,
        start: start + u64::from(id),
        end: start + 100 - u64::from(id),
        attributes: attributes(pairs),
        origin: origin(),
        ..Span::default()
    }
}

fn spans() -> Vec<Span> {
    let server = |status: i64| {
        vec![
            ("http.request.method", Value::from("POST")),
            ("url.path", "/api/rag".into()),
            ("url.scheme", "http".into()),
            ("http.route", "/api/rag".into()),
            ("http.response.status_code", status.into()),
        ]
    };
    let client = |status: i64| {
        vec![
            ("http.request.method", Value::from("POST")),
            ("server.address", "127.0.0.1".into()),
            ("server.port", 8080.into()),
            ("url.full", "http://127.0.0.1:8080/v1/chat/completions".into()),
            ("http.response.status_code", status.into()),
        ]
    };
    let chat = vec![
        ("gen_ai.operation.name", Value::from("chat")),
        ("gen_ai.provider.name", "openai".into()),
        ("gen_ai.request.model", "gpt-4o-mini".into()),
        ("server.address", "127.0.0.1".into()),
        ("server.port", 8080.into()),
    ];
    let mut answered = chat.clone();
    answered.extend([
        ("gen_ai.response.model", "gpt-4o-mini".into()),
        ("gen_ai.usage.input_tokens", 12.into()),
        ("gen_ai.usage.output_tokens", 5.into()),
        ("gen_ai.response.finish_reasons", Value::Array(Arc::from([Value::from("stop")]))),
    ]);
    let redis = [
        ("db.system.name", Value::from("redis")),
        ("db.operation.name", "GET".into()),
        ("server.address", "127.0.0.1".into()),
        ("server.port", 6379.into()),
    ];
    let qdrant = [
        ("db.system.name", Value::from("qdrant")),
        ("db.operation.name", "query".into()),
        ("db.collection.name", "documents".into()),
        ("server.address", "127.0.0.1".into()),
        ("server.port", 6334.into()),
    ];
    let mut spans = vec![
        span(GOOD, 1, 9, "POST /api/rag", SpanKind::Server, &server(200)),
        span(GOOD, 2, 1, "rag.query", SpanKind::Internal, &[("cache.hit", false.into())]),
        span(GOOD, 3, 2, "GET", SpanKind::Client, &redis),
        span(GOOD, 4, 2, "query documents", SpanKind::Client, &qdrant),
        span(GOOD, 5, 2, "chat gpt-4o-mini", SpanKind::Client, &answered),
        span(GOOD, 6, 5, "POST", SpanKind::Client, &client(200)),
        span(BAD, 1, 9, "POST /api/rag", SpanKind::Server, &server(502)),
        span(BAD, 2, 1, "chat gpt-4o-mini", SpanKind::Client, &chat),
        span(BAD, 3, 2, "POST", SpanKind::Client, &client(500)),
    ];
    for (position, error) in [(BAD_SERVER, "502"), (BAD_CHAT, "server_error"), (BAD_CLIENT, "500")] {
        spans[position].status = Status { code: StatusCode::Error, message: Arc::from("") };
        spans[position].attributes.set("error.type", error);
    }
    spans
}

pub(super) fn histogram(count: u64, bounds: &[f64]) -> PointValue {
    let mut counts = vec![0; bounds.len() + 1];
    counts[1] = count;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let sum = count as f64 / 100.0;
    let bounds = bounds.to_vec();
    PointValue::Histogram(HistogramPoint { count, sum: Some(sum), bounds, counts, ..HistogramPoint::default() })
}

pub(super) fn point(labels: &[(&str, &str)], value: PointValue) -> Point {
    let labels = labels.iter().map(|(name, text)| (Arc::from(*name), Value::from(*text))).collect();
    Point { labels, value, start: 0, time: 0, exemplars: Vec::new() }
}

fn family(name: &str, unit: &str, kind: MetricKind, points: Vec<Point>) -> Family {
    Family { name: Arc::from(name), unit: Arc::from(unit), kind, points, ..Family::default() }
}

const HTTP: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
const GENAI: [f64; 14] = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

/// Positions of families in a scrape.
pub(super) const HTTP_SERVER: usize = 0;
pub(super) const HTTP_CLIENT: usize = 1;
pub(super) const GENAI_CALLS: usize = 2;
pub(super) const TOKENS: usize = 3;

/// A scrape with `count` of everything more than at the start, when there was one of each.
fn scrape(time: u64, count: u64) -> Scrape {
    let server = [("http_request_method", "POST"), ("url_scheme", "http"), ("http_route", "/api/rag")];
    let client = [("http_request_method", "POST"), ("server_address", "127.0.0.1"), ("server_port", "8080")];
    let call = [
        ("gen_ai_operation_name", "chat"),
        ("gen_ai_provider_name", "openai"),
        ("gen_ai_request_model", "gpt-4o-mini"),
        ("server_address", "127.0.0.1"),
        ("server_port", "8080"),
    ];
    let with = |labels: &[(&'static str, &'static str)], more: &[(&'static str, &'static str)], bounds: &[f64]| {
        point(&[labels, more].concat(), histogram(1 + count, bounds))
    };
    let status = "http_response_status_code";
    let mut families = vec![
        family(
            "http_server_request_duration_seconds",
            "s",
            MetricKind::Histogram,
            vec![
                with(&server, &[(status, "200")], &HTTP),
                with(&server, &[(status, "502"), ("error_type", "502")], &HTTP),
            ],
        ),
        family(
            "http_client_request_duration_seconds",
            "s",
            MetricKind::Histogram,
            vec![
                with(&client, &[(status, "200")], &HTTP),
                with(&client, &[(status, "500"), ("error_type", "500")], &HTTP),
            ],
        ),
        family(
            "gen_ai_client_operation_duration_seconds",
            "s",
            MetricKind::Histogram,
            vec![with(&call, &[], &GENAI), with(&call, &[("error_type", "server_error")], &GENAI)],
        ),
    ];
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let tokens = [("prompt", 12.0 * (1 + count) as f64), ("completion", 5.0 * (1 + count) as f64)];
    let tokens = tokens.map(|(of, number)| point(&[("type", of)], PointValue::Number(number)));
    families.push(family("rag_openai_tokens_total", "", MetricKind::Counter, tokens.into()));
    if count > 0 {
        families[HTTP_SERVER].points[0].exemplars.push(Exemplar {
            value: 0.01,
            time: 150,
            trace_id: Some(GOOD),
            span_id: Some(SpanId([1; 8])),
            labels: Attributes::default(),
        });
    }
    Scrape { time, source: Arc::from("http://127.0.0.1:8001/metrics"), text: String::new(), families }
}

fn logs() -> Vec<LogRecord> {
    let log = |via, message: &str, severity: i32, name: &str, trace: Option<(TraceId, SpanId)>| LogRecord {
        via,
        time: 150,
        observed_time: 150,
        severity: if via == LogVia::Otlp { severity } else { 0 },
        severity_text: Arc::from(name),
        body: message.into(),
        attributes: attributes(&[("stage", "llm".into())]),
        dropped_attributes: 0,
        flags: 0,
        trace_id: trace.map(|(id, _)| id),
        span_id: trace.map(|(_, id)| id),
        event_name: Arc::from(""),
        origin: if via == LogVia::Otlp { origin() } else { Arc::default() },
    };
    let pair = |message, severity, name, trace| {
        [log(LogVia::Otlp, message, severity, name, trace), log(LogVia::StdoutJson, message, severity, name, trace)]
    };
    let failed = pair("the model failed", 13, "WARN", Some((BAD, SpanId([2; 8]))));
    let ready = pair("listening on 127.0.0.1:8001", 9, "INFO", None);
    ready.into_iter().chain(failed).collect()
}

fn exchanges() -> Vec<Exchange> {
    let request = |scenario: &str, trace: &str, status, start| Exchange {
        by: Party::Driver,
        scenario: scenario.to_owned(),
        method: "POST".to_owned(),
        path: "/api/rag".to_owned(),
        request_body: serde_json::json!({"query": format!("what is {SECRET}?")}).to_string(),
        status: Some(status),
        start,
        end: start + 110,
        trace: Some(TraceContext::Sampled { trace_id: trace.to_owned(), span_id: "0909090909090909".to_owned() }),
        facts: [("retrieval_hit".to_owned(), 1.0)].into(),
        ..Exchange::default()
    };
    let call = |status, facts: &[(&str, f64)]| Exchange {
        by: Party::Model,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        status: Some(status),
        facts: facts.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect(),
        ..Exchange::default()
    };
    vec![
        request("cold query", &GOOD.to_string(), 200, 95),
        request("model down", &BAD.to_string(), 502, 495),
        call(200, &[("prompt_tokens", 12.0), ("completion_tokens", 5.0)]),
        call(500, &[]),
    ]
}
