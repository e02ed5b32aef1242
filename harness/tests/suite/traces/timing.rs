//! Durations and containment.

use otelgate_harness::capture::SpanKind::Consumer;
use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::{Contract, parse};

use super::{assert_only, at, edit, healthy};

#[test]
fn a_span_that_ends_before_it_starts_is_one_finding_whatever_its_children() {
    let mut capture = healthy();
    let span = edit(&mut capture, "rag.embedding");
    span.end = span.start - 2_500;

    let finding = assert_only(&capture, "span.negative-duration", "cold query / rag.query > rag.embedding");

    assert_eq!(finding.found, "an end 2.500 µs before the start");
}

#[test]
fn a_span_without_times_is_one_finding() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").end = 0;

    let finding = assert_only(&capture, "span.no-time", "cold query / rag.query > rag.rerank");

    assert_eq!(finding.message, "the span has no end time");
}

#[test]
fn a_child_that_ends_after_its_parent_is_outside_it() {
    let mut capture = healthy();
    let end = capture.spans[at(&capture, "rag.vector_search")].end;
    edit(&mut capture, "query rag_documents").end = end + 700;

    let finding = assert_only(
        &capture,
        "span.outside-parent",
        "cold query / rag.query > rag.vector_search > query rag_documents",
    );

    assert_eq!(finding.found, "it ends 700 ns after `rag.vector_search`");
}

#[test]
fn a_child_that_starts_before_its_parent_is_outside_it_and_not_out_of_order() {
    let mut capture = healthy();
    let start = capture.spans[at(&capture, "rag.query")].start;
    edit(&mut capture, "rag.rerank").start = start - 1;

    assert_only(&capture, "span.outside-parent", "cold query / rag.query > rag.rerank");
}

#[test]
fn a_span_ended_early_is_one_finding_about_itself() {
    let mut capture = healthy();
    let query = edit(&mut capture, "rag.query");
    query.end = query.start + 1;

    let finding = assert_only(&capture, "span.outside-parent", "cold query / rag.query");

    assert_eq!(finding.message, "6 children of the span are not inside it");
}

#[test]
fn children_may_outlive_a_span_whose_rule_says_so() {
    let capture = || {
        let mut capture = Builder::new().background(span("stream").child(span("chunk"))).build();
        capture.spans[1].end += 1_000_000;
        capture
    };
    let contract = parse("{version: 1, spans: {stream: {children-may-outlive: true}}}", "contract").unwrap();

    assert_eq!(judge(&capture(), &contract).findings, []);
    assert_eq!(judge(&capture(), &Contract::default()).findings[0].id, "span.outside-parent");
}

#[test]
fn what_is_taken_from_a_queue_may_be_taken_later() {
    let mut capture = Builder::new().background(span("publish").child(span("process").kind(Consumer))).build();
    capture.spans[1].end += 1_000_000;

    assert_eq!(judge(&capture, &Contract::default()).findings, []);
}
