//! Contract and run speak of the same scenarios.

use otelgate_harness::capture::Capture;
use otelgate_harness::capture::build::{Builder, span};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::parse;

fn said(contract: &str, capture: &Capture) -> Vec<(&'static str, String)> {
    let contract = parse(contract, "contract").unwrap();
    let findings = judge(capture, &contract).findings;
    findings.into_iter().map(|finding| (finding.id, finding.subject)).collect()
}

fn driven() -> Capture {
    Builder::new().sampled("s", span("job")).build()
}

#[test]
fn a_scenario_that_was_not_driven_is_unused_and_its_shape_is_not_told_too() {
    let contract = "{version: 1, traces: {t: {span: job}, u: {span: other}}, scenarios: {s: t, idle: u}}";

    assert_eq!(said(contract, &driven()), [("contract.unused", "scenario idle".to_owned())]);
}

#[test]
fn a_shape_no_request_came_to_use_is_unused() {
    let contract = "{version: 1, traces: {t: {span: job}, u: {span: other}}, scenarios: {s: [t, u]}}";

    assert_eq!(
        said(contract, &driven()),
        [("contract.unused", "scenario s #2".to_owned()), ("contract.unused", "trace shape u".to_owned())]
    );
}

#[test]
fn more_shapes_than_requests_are_unused() {
    let contract = "{version: 1, traces: {t: {span: job}}, scenarios: {s: [t, none]}}";

    assert_eq!(said(contract, &driven()), [("contract.unused", "scenario s #2".to_owned())]);
}

#[test]
fn a_span_rule_that_speaks_of_no_span_is_unused() {
    let contract = "{version: 1, spans: {jib: {}}, traces: {t: {span: job}}, scenarios: {s: t}}";

    assert_eq!(said(contract, &driven()), [("contract.unused", "span rule jib".to_owned())]);
}

#[test]
fn a_scenario_the_contract_does_not_know_is_a_violation() {
    let contract = "{version: 1, traces: {t: {span: job}}, scenarios: {s: t}}";
    let capture = Builder::new().sampled("s", span("job")).sampled("sss", span("job")).build();

    assert_eq!(said(contract, &capture), [("contract.scenario-unknown", "sss".to_owned())]);
}

#[test]
fn a_request_past_the_list_of_shapes_is_a_violation() {
    let contract = "{version: 1, traces: {t: {span: job}}, scenarios: {s: [t]}}";
    let capture = Builder::new().sampled("s", span("job")).sampled("s", span("job")).build();

    assert_eq!(said(contract, &capture), [("contract.scenario-unknown", "s #2".to_owned())]);
}
