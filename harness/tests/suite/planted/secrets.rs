//! Planted secrets in every place that telemetry has for text.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use otelgate_harness::capture::{Attributes, Canary, Capture, Event, Exemplar, Link, LogVia, SpanId, TraceId, Value};

use super::{healthy, last, log, planted, span, text};

const RERANK: &str = "rag.query > rag.rerank";

/// The value of the secret that was planted as the query.
fn secret() -> &'static str {
    let canaries = &healthy().0.run.canaries;
    &canaries.iter().find(|canary| canary.name == "query").expect("the canary").value
}

fn labelled(key: &str) -> Attributes {
    [(text(key), Value::from(secret()))].into_iter().collect()
}

/// The secret is nowhere in the report.
fn leaked(defect: impl FnOnce(&mut Capture)) -> super::Report {
    let report = planted(defect);
    assert!(!format!("{:?}", report.0).contains(secret()), "the report repeats the secret");
    report
}

#[test]
fn a_secret_is_in_an_attribute() {
    leaked(|capture| span(capture, "cold query", "").attributes.set("user_agent.original", secret()))
        .first("canary.leaked", "query / cold query / POST /api/rag / user_agent.original")
        .on("cold query", "")
        .alone();
}

#[test]
fn a_secret_is_in_an_attribute_in_another_spelling() {
    leaked(|capture| {
        let encoded = STANDARD.encode(format!("q={}", secret()));
        span(capture, "cold query", "").attributes.set("url.query", &*encoded);
    })
    .first("canary.leaked", "query / cold query / POST /api/rag / url.query")
    .on("cold query", "")
    .alone();
}

#[test]
fn a_secret_is_in_the_name_of_a_span() {
    leaked(|capture| span(capture, "cold query", RERANK).name = text(&format!("rag.rerank {}", secret())))
        .first("canary.leaked", "query / cold query / rag.query > rag.rerank # / name")
        .on("cold query", RERANK)
        .and(&[
            ("span.name", "cold query / rag.query > rag.rerank"),
            ("span.unbounded-name", "cold query / rag.query > rag.rerank #"),
        ]);
}

#[test]
fn a_secret_is_in_a_status_message() {
    leaked(|capture| span(capture, "embedding 500", "rag.query").status.message = text(&format!("no: {}", secret())))
        .first("canary.leaked", "query / embedding 500 / rag.query / status message")
        .on("embedding 500", "rag.query")
        .alone();
}

#[test]
fn a_secret_is_in_an_event() {
    leaked(|capture| {
        let span = span(capture, "cold query", RERANK);
        let attributes = labelled("exception.message");
        span.events.push(Event { time: span.start, name: text("exception"), attributes, ..Event::default() });
    })
    .first("canary.leaked", "query / cold query / rag.query > rag.rerank / event exception / exception.message")
    .on("cold query", RERANK)
    .alone();
}

#[test]
fn a_secret_is_in_a_link() {
    leaked(|capture| {
        let (trace_id, span_id) = (TraceId([7; 16]), SpanId([7; 8]));
        let link = Link { trace_id, span_id, attributes: labelled("reason"), ..Link::default() };
        span(capture, "cold query", RERANK).links.push(link);
    })
    .first("canary.leaked", "query / cold query / rag.query > rag.rerank / link / reason")
    .on("cold query", RERANK)
    .alone();
}

#[test]
fn a_secret_is_in_the_tracestate() {
    leaked(|capture| span(capture, "cold query", "").trace_state = text(&format!("vendor={}", secret())))
        .first("canary.leaked", "query / cold query / POST /api/rag / trace state")
        .on("cold query", "")
        .alone();
}

#[test]
fn a_secret_is_in_a_label() {
    leaked(|capture| last(capture, "http_server_request_duration_seconds").points[0].labels.set("tenant", secret()))
        .first("canary.leaked", "query / http_server_request_duration_seconds / tenant")
        .at("http_server_request_duration_seconds{tenant}")
        .alone();
}

#[test]
fn a_secret_is_in_the_help_of_a_metric() {
    leaked(|capture| last(capture, "process_open_fds").help = text(secret()))
        .first("canary.leaked", "query / process_open_fds / help")
        .at("process_open_fds{help}")
        .alone();
}

#[test]
fn a_secret_is_in_an_exemplar() {
    leaked(|capture| {
        let root = span(capture, "cold query", "").clone();
        let (trace_id, span_id) = (Some(root.trace_id), Some(root.span_id));
        let exemplar = Exemplar { value: 1.0, time: root.end, trace_id, span_id, labels: labelled("question") };
        last(capture, "rag_openai_chat_calls_total").points[0].exemplars.push(exemplar);
    })
    .first("canary.leaked", "query / rag_openai_chat_calls_total / exemplar / question")
    .alone();
}

#[test]
fn a_secret_is_in_the_message_of_a_log_record() {
    leaked(|capture| {
        for record in capture.logs.iter_mut().filter(|record| record.body.as_str() == Some("ingested documents")) {
            record.body = Value::from(&*format!("ingested {}", secret()));
        }
    })
    .first("canary.leaked", "query / otlp log / ingested # / body")
    .alone();
}

#[test]
fn a_secret_is_in_an_attribute_of_a_log_record() {
    leaked(|capture| {
        let record =
            log(capture, |record| record.via == LogVia::Otlp && record.body.as_str() == Some("ingested documents"));
        record.attributes.set("question", secret());
    })
    .first("canary.leaked", "query / otlp log / ingested documents / question")
    .alone();
}

#[test]
fn a_secret_is_in_the_resource() {
    leaked(|capture| super::resource(capture, |attributes| attributes.set("service.namespace", secret())))
        .first("canary.leaked", "query / resource / service.namespace")
        .at("resource · service.namespace")
        .alone();
}

#[test]
fn a_secret_is_in_the_scope() {
    leaked(|capture| {
        let span = span(capture, "cold query", RERANK);
        let mut origin = (*span.origin).clone();
        Arc::make_mut(&mut origin.scope).version = text(secret());
        span.origin = Arc::new(origin);
    })
    .first("canary.leaked", "query / scope rag-service / version")
    .alone();
}

#[test]
fn a_secret_was_never_sent() {
    planted(|capture| {
        capture
            .run
            .canaries
            .push(Canary { name: "cookie".to_owned(), value: "canary00000000000000000000000000000000".to_owned() });
    })
    .first("canary.not-planted", "cookie")
    .alone();
}
