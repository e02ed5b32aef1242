//! Which requests leave a trace.

use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::capture::{Capture, SpanId, SpanKind, TraceContext, TraceId};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::parse;

use super::assert_only;
use crate::support::rag;

fn two_queries() -> Capture {
    Builder::new().sampled("cold query", rag::cold_query()).sampled("cold query", rag::cold_query()).build()
}

#[test]
fn a_sampled_request_without_a_trace_is_one_finding() {
    let mut capture = two_queries();
    let gone = capture.spans[0].trace_id;
    capture.spans.retain(|span| span.trace_id != gone);

    let finding = assert_only(&capture, "trace.missing", "cold query #1");

    assert_eq!(finding.wanted, format!("spans of trace {gone}"));
}

#[test]
fn a_trace_of_its_own_for_a_sampled_request_was_not_continued() {
    let mut capture = two_queries();
    let (ignored, own) = (capture.spans[0].trace_id, TraceId([9; 16]));
    for span in capture.spans.iter_mut().filter(|span| span.trace_id == ignored) {
        span.trace_id = own;
    }
    capture.spans[0].parent = None;

    let finding = assert_only(&capture, "trace.not-continued", "cold query #1");

    assert!(finding.found.contains(&own.to_string()));
}

#[test]
fn a_request_without_a_traceparent_leaves_a_trace_too() {
    let with = Builder::new().untraced("cold query", rag::cold_query()).build();
    let mut without = Builder::new().sampled("cold query", rag::cold_query()).untraced("cold query", span("x")).build();
    without.spans.pop();

    assert_eq!(super::findings(&with), []);
    assert_only(&without, "trace.missing", "cold query #2");
}

#[test]
fn a_request_with_a_malformed_traceparent_leaves_a_trace_too() {
    let mut capture = Builder::new().sampled("cold query", rag::cold_query()).untraced("cold query", span("x")).build();
    capture.exchanges[1].trace = Some(TraceContext::Malformed { header: "00-xyz".to_owned() });
    capture.spans.pop();

    let finding = assert_only(&capture, "trace.missing", "cold query #2");

    assert_eq!(finding.message, "a request with a malformed `traceparent` left no trace");
}

#[test]
fn an_unsampled_request_leaves_no_trace() {
    let mut capture = Builder::new().sampled("cold query", rag::cold_query()).unsampled("cold query").build();
    assert_eq!(super::findings(&capture), []);

    let Some(TraceContext::Unsampled { trace_id, .. }) = capture.exchanges[1].trace.clone() else { unreachable!() };
    let mut exported = capture.spans[0].clone();
    exported.trace_id = TraceId::from_hex(&trace_id).unwrap();
    let Some(TraceContext::Unsampled { span_id, .. }) = &capture.exchanges[1].trace else { unreachable!() };
    exported.parent = SpanId::from_hex(span_id);
    capture.spans.push(exported);

    let finding = assert_only(&capture, "trace.unsampled-exported", "cold query #2");

    assert_eq!(finding.found, "1 spans, the first called `POST /api/rag`");
}

#[test]
fn a_request_whose_shape_is_none_leaves_no_trace() {
    let contract = parse("{version: 1, scenarios: {health: none}}", "contract").unwrap();
    let mut capture = Builder::new().sampled("health", span("GET /health").kind(SpanKind::Server)).build();

    let findings = judge(&capture, &contract).findings;

    let found: Vec<_> = findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert_eq!(found, [("trace.unsampled-exported", "health")]);

    capture.spans.clear();
    let findings = judge(&capture, &contract).findings;
    assert!(findings.iter().all(|finding| !finding.id.starts_with("trace.")), "{findings:#?}");
}

#[test]
fn a_trace_that_begins_in_the_middle_of_a_request_lost_its_context() {
    let mut capture = Builder::new().sampled("cold query", rag::cold_query()).build();
    let lost = super::edit(&mut capture, "rag.rerank");
    (lost.trace_id, lost.parent) = (TraceId([0xee; 16]), None);

    let findings = super::findings(&capture);

    let told: Vec<_> = findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    let wanted =
        [("trace.not-continued", "cold query / rag.rerank"), ("span.missing", "cold query / rag.query > rag.rerank")];
    assert_eq!(told, wanted, "{findings:#?}");
}
