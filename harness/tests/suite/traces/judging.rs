//! How findings are put together.

use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::capture::{Capture, Scrape};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::{Contract, parse};
use otelgate_harness::finding::Verdict;

use crate::support::rag;

#[test]
fn every_check_of_a_healthy_capture_has_something_to_examine() {
    let outcome = judge(&super::healthy(), &rag::contract());

    assert_eq!(outcome.verdict, Verdict::Pass);
    let idle: Vec<_> = outcome.checks.iter().filter(|tally| tally.examined == 0).map(|tally| tally.check).collect();
    assert_eq!(idle, <[&str; 0]>::default());
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
    let contract = parse("{version: 1, spans: {read: {}}}", "contract").unwrap();
    let capture = Capture { scrapes: vec![Scrape::default()], ..Capture::default() };

    let findings = judge(&capture, &contract).findings;

    let told: Vec<_> = findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect();
    assert!(told.contains(&("run.check-found-nothing", "structure")), "{told:?}");
}

#[test]
fn a_contract_that_asks_for_nothing_passes_an_empty_capture() {
    assert_eq!(judge(&Capture::default(), &Contract::default()).verdict, Verdict::Pass);
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
    assert_eq!(first.findings.len(), 2, "{:#?}", first.findings);
}
