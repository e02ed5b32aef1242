//! Context and baggage of calls that reached a stand-in.

use std::collections::BTreeMap;

use otelgate_harness::capture::build::Builder;
use otelgate_harness::capture::{Capture, Exchange, Party, SpanId};

use super::{assert_only, healthy, id};
use crate::support::rag;

const SUBJECT: &str = "cold query / model POST /v1/chat/completions";

/// A healthy capture, with a call to the model that has these headers.
fn calling(mut capture: Capture, headers: &[(&str, &str)]) -> Capture {
    let start = capture.exchanges[0].start + 1;
    capture.exchanges.push(Exchange {
        by: Party::Model,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        request_headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        status: Some(200),
        start,
        end: start + 1,
        ..Exchange::default()
    });
    capture
}

fn traceparent(capture: &Capture, span: SpanId, flags: &str) -> String {
    format!("00-{}-{span}-{flags}", capture.spans[0].trace_id)
}

/// The client span of the HTTP request that the chat call makes.
fn attempt(capture: &Capture) -> SpanId {
    let chat = id(capture, "chat gpt-4o-mini");
    capture.spans.iter().find(|span| span.parent == Some(chat)).expect("a span under the chat call").span_id
}

#[test]
fn a_call_with_the_context_of_its_client_span_is_fine() {
    let capture = healthy();
    let header = traceparent(&capture, attempt(&capture), "01");

    assert_eq!(super::findings(&calling(capture, &[("traceparent", &header)])), []);
}

#[test]
fn a_call_without_a_context_is_broken() {
    let finding = assert_only(&calling(healthy(), &[]), "propagation.broken", SUBJECT);

    assert_eq!(finding.found, "no `traceparent`");
}

#[test]
fn a_call_with_another_traces_context_is_broken() {
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    let finding = assert_only(&calling(healthy(), &[("traceparent", header)]), "propagation.broken", SUBJECT);

    assert_eq!(finding.found, "trace 4bf92f3577b34da6a3ce929d0e0e4736");
}

#[test]
fn a_call_whose_parent_is_no_client_span_is_broken() {
    let capture = healthy();
    let header = traceparent(&capture, id(&capture, "rag.llm_generation"), "01");

    let finding = assert_only(&calling(capture, &[("traceparent", &header)]), "propagation.broken", SUBJECT);

    assert_eq!(finding.found, "`rag.llm_generation`, a span of kind internal");
}

#[test]
fn a_call_with_the_context_of_the_client_span_around_its_own_is_broken() {
    let capture = healthy();
    let header = traceparent(&capture, id(&capture, "chat gpt-4o-mini"), "01");

    let finding = assert_only(&calling(capture, &[("traceparent", &header)]), "propagation.broken", SUBJECT);

    assert_eq!(finding.found, "the id of `chat gpt-4o-mini`");
}

#[test]
fn a_call_that_loses_the_sampled_flag_is_broken() {
    let capture = healthy();
    let header = traceparent(&capture, attempt(&capture), "00");

    let finding = assert_only(&calling(capture, &[("traceparent", &header)]), "propagation.broken", SUBJECT);

    assert_eq!(finding.wanted, "the sampled flag 01");
}

#[test]
fn a_call_for_an_unsampled_request_carries_its_trace_unsampled() {
    let capture = || Builder::new().unsampled("cold query").sampled("cold query", rag::cold_query()).build();
    let trace = match &capture().exchanges[0].trace {
        Some(otelgate_harness::capture::TraceContext::Unsampled { trace_id, .. }) => trace_id.clone(),
        _ => unreachable!(),
    };
    let header = |flags: &str| format!("00-{trace}-00f067aa0ba902b7-{flags}");

    assert_eq!(super::findings(&calling(capture(), &[("traceparent", &header("00"))])), []);
    assert_only(
        &calling(capture(), &[("traceparent", &header("01"))]),
        "propagation.broken",
        "cold query #1 / model POST /v1/chat/completions",
    );
}

#[test]
fn a_call_that_loses_baggage_is_broken_and_no_value_is_told() {
    let with_baggage = || {
        let mut capture = healthy();
        capture.exchanges[0].request_headers =
            BTreeMap::from([("baggage".to_owned(), "tenant=acme-7f, region=eu;ttl=1".to_owned())]);
        capture
    };
    let header = traceparent(&with_baggage(), attempt(&with_baggage()), "01");
    let kept = [("traceparent", header.as_str()), ("baggage", "region=eu,tenant=acme-7f,own=1")];
    let lost = [("traceparent", header.as_str()), ("baggage", "region=us")];

    assert_eq!(super::findings(&calling(with_baggage(), &kept)), []);
    let finding = assert_only(&calling(with_baggage(), &lost), "propagation.broken", SUBJECT);

    assert_eq!(finding.found, "`tenant` lost, `region` changed");
    assert!(!format!("{finding:?}").contains("acme-7f"));
}

#[test]
fn a_call_before_the_first_request_is_not_judged() {
    let mut capture = calling(healthy(), &[]);
    capture.exchanges[1].start = 1;

    assert_eq!(super::findings(&capture), []);
}
