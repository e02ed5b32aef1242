//! Roots, orphans, cycles, ids.

use otelgate_harness::capture::SpanKind::{Client, Internal, Server};
use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::capture::{Attributes, SpanId, TraceId};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::Contract;

use super::{STRANGER, assert_only, at, edit, findings, healthy, id};

#[test]
fn a_healthy_trace_gives_no_finding() {
    assert_eq!(findings(&healthy()), []);
}

#[test]
fn a_missing_root_is_one_finding() {
    let mut capture = healthy();
    capture.spans.remove(at(&capture, "POST /api/rag"));

    assert_only(&capture, "trace.no-root", "cold query");
}

#[test]
fn a_missing_root_is_one_finding_without_a_contract() {
    let mut capture = Builder::new().background(span("job").child(span("read")).child(span("write"))).build();
    capture.spans.remove(0);

    let outcome = judge(&capture, &Contract::default());

    let found: Vec<_> = outcome.findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert_eq!(found, [("trace.no-root", "read")]);
}

#[test]
fn an_orphan_is_one_finding_and_its_subtree_is_still_matched() {
    let mut capture = healthy();
    edit(&mut capture, "rag.llm_generation").parent = Some(STRANGER);

    let finding = assert_only(&capture, "span.orphan", "cold query / rag.llm_generation");

    assert_eq!(finding.wanted, format!("a span with the id {STRANGER}, its parent"));
}

#[test]
fn a_root_with_an_unknown_caller_is_an_orphan_and_not_a_missing_root() {
    let mut capture = healthy();
    edit(&mut capture, "POST /api/rag").parent = Some(STRANGER);

    assert_only(&capture, "span.orphan", "cold query / POST /api/rag");
}

#[test]
fn a_second_root_is_one_finding_and_not_a_missing_span() {
    let mut capture = healthy();
    edit(&mut capture, "rag.rerank").parent = None;

    let finding = assert_only(&capture, "trace.many-roots", "cold query / rag.rerank");

    assert_eq!(finding.found, "`POST /api/rag`, `rag.rerank`");
}

#[test]
fn a_second_root_the_contract_does_not_know_is_one_finding() {
    let mut capture = healthy();
    let mut extra = capture.spans[0].clone();
    (extra.span_id, extra.parent, extra.name) = (STRANGER, None, "stray".into());
    (extra.kind, extra.attributes) = (Internal, Attributes::default());
    capture.spans.push(extra);

    assert_only(&capture, "trace.many-roots", "cold query / stray");
}

#[test]
fn a_root_that_drops_the_drivers_span_did_not_continue_the_trace() {
    let mut capture = healthy();
    edit(&mut capture, "POST /api/rag").parent = None;

    assert_only(&capture, "trace.not-continued", "cold query / POST /api/rag");
}

#[test]
fn a_cycle_is_one_finding() {
    let mut capture = healthy();
    let embedding = id(&capture, "rag.embedding");
    edit(&mut capture, "rag.query").parent = Some(embedding);

    let finding = assert_only(&capture, "trace.cycle", "cold query / rag.query");

    assert_eq!(finding.found, "rag.query > rag.embedding > rag.query");
}

#[test]
fn a_span_that_is_its_own_parent_is_a_cycle() {
    let mut capture = healthy();
    let own = id(&capture, "rag.rerank");
    edit(&mut capture, "rag.rerank").parent = Some(own);

    assert_only(&capture, "trace.cycle", "cold query / rag.rerank");
}

#[test]
fn a_span_sent_twice_is_a_duplicate_id_and_not_a_count() {
    let mut capture = healthy();
    let copy = capture.spans[at(&capture, "rag.embedding")].clone();
    capture.spans.push(copy);

    assert_only(&capture, "span.duplicate-id", "cold query / rag.query > rag.embedding");
}

#[test]
fn two_spans_of_one_id_are_a_duplicate_id_and_their_children_are_nobodys_fault() {
    let mut capture = healthy();
    let (first, second) = (id(&capture, "rag.embedding"), id(&capture, "rag.llm_generation"));
    edit(&mut capture, "rag.llm_generation").span_id = first;
    for span in &mut capture.spans {
        if span.parent == Some(second) {
            span.parent = Some(first);
        }
    }
    // The child of the later span now seems to hang under the earlier one, and to outlive it.
    let finding = findings(&capture);

    let ids: Vec<_> = finding.iter().map(|finding| finding.id).collect();
    assert!(ids.contains(&"span.duplicate-id"), "{finding:#?}");
    assert!(!ids.contains(&"span.misplaced") && !ids.contains(&"span.missing"), "{finding:#?}");
}

#[test]
fn an_id_of_zeros_is_invalid() {
    let mut capture = Builder::new().background(span("job").child(span("read"))).build();
    capture.spans[1].span_id = SpanId::default();

    let outcome = judge(&capture, &Contract::default());

    let found: Vec<_> = outcome.findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert_eq!(found, [("span.invalid-id", "job / read")]);
}

#[test]
fn a_trace_id_of_zeros_is_invalid() {
    let mut capture = Builder::new().background(span("job")).build();
    capture.spans[0].trace_id = TraceId::default();

    let outcome = judge(&capture, &Contract::default());

    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(outcome.findings[0].id, "span.invalid-id");
}

#[test]
fn a_trace_that_begins_with_a_call_out_has_the_wrong_root_kind() {
    let capture = Builder::new().background(span("GET").kind(Client).child(span("read"))).build();

    let outcome = judge(&capture, &Contract::default());

    let found: Vec<_> = outcome.findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert_eq!(found, [("trace.root-kind", "GET / GET")]);
}

#[test]
fn a_trace_of_ten_thousand_levels_is_judged() {
    let mut capture = Builder::new().background(span("top").kind(Server)).build();
    for level in 1..10_000_u64 {
        let mut deeper = capture.spans[0].clone();
        deeper.parent = capture.spans.last().map(|span| span.span_id);
        deeper.span_id = SpanId((level + 1_000).to_be_bytes());
        capture.spans.push(deeper);
    }

    assert_eq!(judge(&capture, &Contract::default()).findings, []);
}
