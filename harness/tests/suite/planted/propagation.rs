//! The context that calls to dependencies carry.

use otelgate_harness::capture::{Capture, Exchange, Party};

use super::{STRANGE_TRACE, planted, trace_of};

const CHAT_CALL: &str = "cold query / model POST /v1/chat/completions";

/// The chat request that the service made for the cold query.
#[track_caller]
fn chat_call(capture: &mut Capture) -> &mut Exchange {
    let trace = trace_of(capture, "cold query").to_string();
    let of_trace = |call: &&mut Exchange| {
        let header = call.request_headers.get("traceparent");
        call.by == Party::Model
            && call.path.ends_with("/chat/completions")
            && header.is_some_and(|it| it.contains(&trace))
    };
    capture.exchanges.iter_mut().find(of_trace).expect("a call to the model")
}

#[test]
fn a_call_carries_no_context() {
    planted(|capture| drop(chat_call(capture).request_headers.remove("traceparent")))
        .first("propagation.broken", CHAT_CALL)
        .of("cold query")
        .alone();
}

#[test]
fn a_call_carries_the_context_of_another_trace() {
    planted(|capture| {
        let header = format!("00-{STRANGE_TRACE}-00000000000000aa-01");
        chat_call(capture).request_headers.insert("traceparent".to_owned(), header);
    })
    .first("propagation.broken", CHAT_CALL)
    .of("cold query")
    .alone();
}

#[test]
fn a_call_carries_the_context_of_the_caller_unchanged() {
    planted(|capture| {
        let request = capture.exchanges.iter().find(|exchange| exchange.scenario == "cold query");
        let header = request.and_then(|request| request.request_headers.get("traceparent")).cloned();
        chat_call(capture).request_headers.insert("traceparent".to_owned(), header.expect("the driver's context"));
    })
    .first("propagation.broken", CHAT_CALL)
    .of("cold query")
    .alone();
}

#[test]
fn a_call_says_that_the_trace_is_not_sampled() {
    planted(|capture| {
        let header = chat_call(capture).request_headers.get_mut("traceparent").expect("a context");
        header.replace_range(header.len() - 1.., "0");
    })
    .first("propagation.broken", CHAT_CALL)
    .of("cold query")
    .and(&[("relation.broken", "prompt tokens in spans"), ("relation.broken", "completion tokens in spans")]);
}

#[test]
fn a_call_loses_a_member_of_the_baggage() {
    planted(|capture| {
        drop(chat_call(capture).request_headers.insert("baggage".to_owned(), "tenant=lighthouse".to_owned()));
    })
    .first("propagation.broken", CHAT_CALL)
    .of("cold query")
    .alone();
}
