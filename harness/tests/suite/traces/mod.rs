//! Checks of traces: a healthy capture gives no finding, one defect gives one.

mod contract;
mod judging;
mod names;
mod presence;
mod propagation;
mod structure;
mod timing;
mod tree;
mod tree_inside;

use otelgate_harness::capture::build::Builder;
use otelgate_harness::capture::{Capture, Span, SpanId};
use otelgate_harness::checks::judge;
use otelgate_harness::finding::Finding;

use super::support::rag;

/// One cold query whose trace keeps the contract.
fn healthy() -> Capture {
    Builder::new().sampled("cold query", rag::cold_query()).build()
}

/// What the checks say of the capture, against the contract of [`rag`]. There are traces in it alone, so checks of
/// other signals are idle.
fn findings(capture: &Capture) -> Vec<Finding> {
    let mut findings = judge(capture, &rag::contract()).findings;
    findings.retain(|finding| finding.id != "run.check-found-nothing");
    findings
}

/// The one thing the checks say of the capture: its id and its subject.
#[track_caller]
fn only(capture: &Capture) -> Finding {
    let mut findings = findings(capture);
    assert_eq!(findings.len(), 1, "one defect, one finding: {findings:#?}");
    let finding = findings.remove(0);
    assert!(!finding.wanted.is_empty() && !finding.found.is_empty() && !finding.hint.is_empty(), "{finding:#?}");
    finding
}

/// Asserts that the capture has exactly this finding.
#[track_caller]
fn assert_only(capture: &Capture, id: &str, subject: &str) -> Finding {
    let finding = only(capture);
    assert_eq!((finding.id, finding.subject.as_str()), (id, subject), "{finding:#?}");
    finding
}

/// Position of the first span called `name`.
#[track_caller]
fn at(capture: &Capture, name: &str) -> usize {
    capture.spans.iter().position(|span| *span.name == *name).expect("a span of the name")
}

/// The first span called `name`.
#[track_caller]
fn edit<'c>(capture: &'c mut Capture, name: &str) -> &'c mut Span {
    let position = at(capture, name);
    &mut capture.spans[position]
}

/// Id of the first span called `name`.
#[track_caller]
fn id(capture: &Capture, name: &str) -> SpanId {
    capture.spans[at(capture, name)].span_id
}

const STRANGER: SpanId = SpanId([0xee; 8]);
