//! Whether there was a run at all, this one, and a service that did its work.

use std::sync::Arc;

use otelgate_harness::capture::{Origin, Resource, TraceId};
use otelgate_harness::checks::judge;
use otelgate_harness::finding::Verdict;

use super::sample::{self, BAD_SERVER, capture, contract, examined, said, told};

const EVERYTHING: &str = "
conventions: [http, database, genai, resource]
metrics:
  rag_openai_tokens_total: {kind: counter, unit: '{token}', labels: {type: {one-of: [prompt, completion]}}, series: 2}
relations:
- name: requests
  equal:
  - requests: {sampled: true}
  - spans: {kind: server}
  - metric: http_server_request_duration_seconds
logs: {stdout-json: true, correlated: true, both-channels: true, uncorrelated: ['listening on *']}
never:
- {attribute: 'enduser.*', because: no personal data}
facts:
- {fact: retrieval_hit, mean-at-least: 0.9, over: 1..}
";

#[test]
fn a_healthy_run_passes_every_check_on_signals() {
    let outcome = judge(&capture(), &contract(EVERYTHING));

    assert_eq!(outcome.findings, []);
    assert_eq!(outcome.verdict, Verdict::Pass);
    let idle: Vec<_> = outcome.checks.iter().filter(|tally| tally.examined == 0).map(|tally| tally.check).collect();
    assert_eq!(idle, Vec::<&str>::new(), "checks that examined nothing");
}

#[test]
fn each_signal_that_is_asked_for_and_silent_is_told() {
    let mut capture = capture();
    capture.spans.clear();
    capture.scrapes.clear();
    capture.logs.clear();

    let findings = said("no_telemetry", &capture, &contract(EVERYTHING));

    let ids = ["spans", "metrics", "logs"].map(|signal| ("run.no-telemetry", signal));
    assert_eq!(told(&findings), ids);
    assert_eq!(findings[0].found, "none");
}

#[test]
fn signals_nobody_asked_for_may_be_silent() {
    let mut capture = capture();
    capture.scrapes.clear();
    capture.logs.clear();

    let (examined, findings) = examined("no_telemetry", &capture, &contract(""));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 1);
}

#[test]
fn spans_of_another_run_are_foreign() {
    let mut capture = capture();
    let mut other = (*sample::origin()).clone();
    let mut resource: Resource = (*other.resource).clone();
    resource.attributes.set("otelgate.run.id", "run-0");
    other.resource = Arc::new(resource);
    capture.spans[BAD_SERVER].origin = Arc::new(other);

    let findings = said("foreign", &capture, &contract(""));

    assert_eq!(told(&findings), [("run.foreign-telemetry", "spans / otelgate.run.id")]);
    assert_eq!(findings[0].wanted, "otelgate.run.id \"run-1\"");
    assert!(findings[0].found.contains("\"run-0\""), "{}", findings[0].found);
}

#[test]
fn logs_without_the_mark_that_others_carry_are_foreign() {
    let mut capture = capture();
    let mut resource: Resource = (*sample::origin().resource).clone();
    resource.attributes.remove("otelgate.run.id");
    capture.logs[0].origin = Arc::new(Origin { resource: Arc::new(resource), ..Origin::default() });

    let findings = said("foreign", &capture, &contract(""));

    assert_eq!(told(&findings), [("run.foreign-telemetry", "logs / otelgate.run.id")]);
}

#[test]
fn a_second_instance_is_foreign_and_the_smaller_one_is_named() {
    let mut capture = capture();
    let mut resource: Resource = (*sample::origin().resource).clone();
    resource.attributes.set("service.instance.id", "instance-2");
    capture.spans[0].origin = Arc::new(Origin { resource: Arc::new(resource), ..Origin::default() });

    let findings = said("foreign", &capture, &contract(""));

    assert_eq!(told(&findings), [("run.foreign-telemetry", "spans / service.instance.id")]);
    assert!(findings[0].found.contains("instance-2"), "{}", findings[0].found);
}

#[test]
fn a_trace_that_no_request_explains_is_foreign() {
    let mut capture = capture();
    let mut span = capture.spans[0].clone();
    span.trace_id = TraceId([7; 16]);
    span.parent = None;
    span.start = 2_000;
    span.end = 2_001;
    capture.spans.push(span);

    let findings = said("foreign", &capture, &contract(""));

    assert_eq!(told(&findings), [("run.foreign-telemetry", "POST /api/rag / POST /api/rag")]);
}

#[test]
fn a_request_without_an_answer_is_told_unless_the_client_left() {
    let mut capture = capture();
    capture.exchanges[0].status = None;
    capture.exchanges[1].status = None;
    capture.exchanges[1].left = true;

    let findings = said("exchanges", &capture, &contract(""));

    assert_eq!(told(&findings), [("exchange.no-answer", "cold query")]);
}

#[test]
fn each_unmet_expectation_is_told_with_its_request() {
    let mut capture = capture();
    capture.exchanges[1].scenario = "cold query".to_owned();
    capture.exchanges[1].step = 1;
    capture.exchanges[1].unmet.push("the status is not 200".to_owned());

    let findings = said("exchanges", &capture, &contract(""));

    assert_eq!(told(&findings), [("exchange.unmet", "cold query #2")]);
    assert_eq!(findings[0].message, "the status is not 200");
    assert_eq!(findings[0].found, "status 502");
}

#[test]
fn a_fact_below_its_bound_is_told_with_the_mean() {
    let mut capture = capture();
    capture.exchanges[0].facts.insert("retrieval_hit".to_owned(), 0.0);

    let findings = said("facts", &capture, &contract(EVERYTHING));

    assert_eq!(told(&findings), [("fact.below", "all scenarios / retrieval_hit")]);
    assert_eq!((findings[0].wanted.as_str(), findings[0].found.as_str()), ("at least 0.9", "0.5000"));
}

#[test]
fn a_fact_of_too_few_requests_is_told() {
    let rule = "facts:\n- {fact: retrieval_hit, scenario: cold query, mean-at-least: 0.9, over: 5..}";

    let findings = said("facts", &capture(), &contract(rule));

    assert_eq!(told(&findings), [("fact.below", "cold query / retrieval_hit")]);
    assert_eq!((findings[0].wanted.as_str(), findings[0].found.as_str()), ("at least 5 requests", "1"));
}
