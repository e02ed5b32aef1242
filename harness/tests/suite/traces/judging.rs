//! How findings are put together.

use otelgate_harness::capture::Capture;
use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::{Contract, parse};

use crate::support::rag;

#[test]
fn every_check_of_traces_has_something_to_examine_in_a_healthy_capture() {
    let outcome = judge(&super::healthy(), &rag::contract());

    let examined = |name: &str| outcome.checks.iter().find(|tally| tally.check == name).map(|tally| tally.examined);
    assert_eq!(examined("scenarios"), Some(1));
    assert_eq!(examined("trace_presence"), Some(1));
    assert_eq!(examined("structure"), Some(1));
    assert_eq!(examined("tree"), Some(16));
    assert_eq!(examined("timing"), Some(16));
    assert_eq!(examined("names"), Some(16));
    assert_eq!(examined("dropped"), Some(16));
}

#[test]
fn the_same_finding_of_many_traces_is_told_once() {
    let root = || span("job 123456789").child(span("read"));
    let mut capture = Builder::new().sampled("", root()).sampled("", root()).sampled("", root()).build();
    for read in capture.spans.iter_mut().filter(|span| &*span.name == "read") {
        read.end = 0;
    }

    let findings = judge(&capture, &Contract::default()).findings;

    let told: Vec<_> = findings.iter().map(|finding| (finding.id, finding.more)).collect();
    assert!(told.contains(&("span.no-time", 2)), "{told:?}");
}

#[test]
fn a_check_that_is_asked_for_and_finds_nothing_is_a_violation() {
    let contract = parse("{version: 1, traces: {t: {span: job}}, scenarios: {s: t}}", "contract").unwrap();
    let capture = Builder::new().background(span("job")).build();

    let findings = judge(&capture, &contract).findings;

    let told: Vec<_> = findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert!(told.contains(&("run.check-found-nothing", "trace_presence")), "{told:?}");
}

#[test]
fn no_telemetry_at_all_is_told_instead_of_every_check_that_found_nothing() {
    let findings = judge(&Capture::default(), &rag::contract()).findings;

    assert_eq!(findings[0].id, "run.no-telemetry");
    assert!(findings.iter().all(|finding| finding.id != "run.check-found-nothing"), "{findings:#?}");
}

#[test]
fn a_large_capture_is_judged_like_a_small_one() {
    let mut builder = Builder::new();
    for _ in 0..1_000 {
        builder.push_sampled("cold query", &rag::cold_query());
    }
    let mut capture = builder.build();
    capture.spans.remove(9_000);
    capture.spans.remove(200);

    let first = judge(&capture, &rag::contract());
    let second = judge(&capture, &rag::contract());

    assert_eq!(first, second);
    let about_spans = first.findings.iter().filter(|finding| finding.place.span_id.is_some());
    assert_eq!(about_spans.count(), 2, "{:#?}", first.findings);
}
