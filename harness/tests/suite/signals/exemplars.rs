//! Where exemplars lead.

use otelgate_harness::capture::{Exemplar, SpanId, TraceContext, TraceId};

use super::sample::{HTTP_SERVER, capture, contract, examined, said, told};

const NAME: &str = "http_server_request_duration_seconds";

fn after(change: impl Fn(&mut Exemplar)) -> Vec<(String, String, String)> {
    let mut capture = capture();
    change(&mut capture.scrapes[1].families[HTTP_SERVER].points[0].exemplars[0]);
    let findings = said("exemplars", &capture, &contract(""));
    findings.into_iter().map(|finding| (finding.id.to_owned(), finding.subject, finding.found)).collect()
}

#[test]
fn an_exemplar_whose_span_was_exported_can_be_opened() {
    let (examined, findings) = examined("exemplars", &capture(), &contract(""));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 1);
}

#[test]
fn exemplars_that_lead_nowhere_are_told() {
    let other = TraceId([5; 16]);

    let trace = after(|it| it.trace_id = Some(other));
    let span = after(|it| it.span_id = Some(SpanId([8; 8])));
    let none = after(|it| it.trace_id = None);

    let told = |found: String| vec![("exemplar.unresolved".to_owned(), NAME.to_owned(), found)];
    assert_eq!(trace, told(format!("no span of trace {other} was exported")));
    assert_eq!(span, told(format!("trace {} has no span {}", TraceId([1; 16]), SpanId([8; 8]))));
    assert_eq!(none, told("it has no trace id".to_owned()));
}

#[test]
fn promised_exemplars_that_are_not_there_are_told() {
    let promised = contract(&format!("metrics:\n  {NAME}: {{exemplars: required}}"));
    let mut without = capture();
    without.scrapes[1].families[HTTP_SERVER].points[0].exemplars.clear();

    let there = said("exemplars", &capture(), &promised);
    let missing = said("exemplars", &without, &promised);
    let not_promised = said("exemplars", &without, &contract(""));

    assert_eq!(told(&there), []);
    assert_eq!(told(&missing), [("exemplar.missing", NAME)]);
    assert_eq!(missing[0].found, "no metric has any");
    assert_eq!(told(&not_promised), []);
}

#[test]
fn a_metric_with_exemplars_is_named_where_the_promised_ones_are_missing() {
    let mut capture = capture();
    let families = &mut capture.scrapes[1].families;
    let mut renamed = families[HTTP_SERVER].clone();
    renamed.name = "other_seconds".into();
    families.push(renamed);
    families[HTTP_SERVER].points[0].exemplars.clear();

    let findings = said("exemplars", &capture, &contract(&format!("metrics:\n  {NAME}: {{exemplars: required}}")));

    assert_eq!(findings[0].found, "none on it; `other_seconds` has some");
}

#[test]
fn of_a_metric_that_is_missing_its_exemplars_are_not_missed() {
    let promised = contract("metrics:\n  no_such_metric: {exemplars: required}");

    assert_eq!(told(&said("exemplars", &capture(), &promised)), []);
}

#[test]
fn an_exemplar_from_before_the_run_is_not_of_it() {
    let told = after(|it| {
        it.trace_id = Some(TraceId([5; 16]));
        it.time = 1;
    });

    assert_eq!(told, []);
}

#[test]
fn that_a_request_left_no_trace_is_not_told_again_of_its_exemplar() {
    let mut capture = capture();
    capture.spans.retain(|span| span.trace_id != TraceId([1; 16]));

    assert_eq!(told(&said("exemplars", &capture, &contract(""))), []);
    assert_eq!(told(&said("trace_presence", &capture, &contract("")))[0].0, "trace.missing");
}

#[test]
fn an_exemplar_of_a_request_that_was_not_sampled_has_no_trace_to_open() {
    let mut capture = capture();
    let other = TraceId([5; 16]);
    capture.scrapes[1].families[HTTP_SERVER].points[0].exemplars[0].trace_id = Some(other);
    let mut request = capture.exchanges[0].clone();
    request.trace = Some(TraceContext::Unsampled { trace_id: other.to_string(), span_id: SpanId([9; 8]).to_string() });
    capture.exchanges.push(request);

    assert_eq!(told(&said("exemplars", &capture, &contract(""))), []);
}
