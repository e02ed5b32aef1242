//! The name of a failure on spans and metrics.

use otelgate_harness::capture::{Capture, SpanId, TraceContext, TraceId};

use super::sample::{
    BAD_CHAT, BAD_CLIENT, GENAI_CALLS, HTTP_CLIENT, HTTP_SERVER, capture, contract, examined, said, told,
};

const PACKS: &str = "conventions: [http, database, genai]";

fn request(capture: &mut Capture, status: u16) {
    let mut request = capture.exchanges[0].clone();
    request.status = Some(status);
    request.trace =
        Some(TraceContext::Unsampled { trace_id: TraceId([5; 16]).to_string(), span_id: SpanId([9; 8]).to_string() });
    capture.exchanges.push(request);
}

#[test]
fn equal_names_on_both_sides_give_no_finding() {
    let (examined, findings) = examined("error_types", &capture(), &contract(PACKS));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 9);
}

#[test]
fn an_error_of_a_span_that_its_metric_does_not_know_is_told_and_so_is_the_reverse() {
    let mut capture = capture();
    capture.spans[BAD_CHAT].attributes.set("error.type", "timeout");

    let findings = said("error_types", &capture, &contract(PACKS));

    let name = "gen_ai_client_operation_duration_seconds";
    let wanted =
        [("metric.error-type", format!("{name} / timeout")), ("metric.error-type", format!("{name} / server_error"))];
    assert_eq!(told(&findings), wanted.each_ref().map(|(id, subject)| (*id, subject.as_str())));
    assert_eq!(findings[0].found, "server_error");
}

#[test]
fn an_error_that_only_the_metric_knows_is_told_when_all_requests_were_sampled() {
    let mut capture = capture();
    let labels = &mut capture.scrapes[1].families[HTTP_CLIENT].points[0].labels;
    labels.set("error_type", "timeout");

    let sampled = said("error_types", &capture, &contract(PACKS));
    request(&mut capture, 200);
    let unsampled = said("error_types", &capture, &contract(PACKS));

    assert_eq!(told(&sampled), [("metric.error-type", "http_client_request_duration_seconds / timeout")]);
    assert_eq!(told(&unsampled), []);
}

#[test]
fn an_unsampled_request_that_succeeded_explains_no_error_of_the_server() {
    let mut capture = capture();
    capture.scrapes[1].families[HTTP_SERVER].points[1].labels.set("error_type", "504");
    let without_span = |capture: &Capture| {
        let findings = said("error_types", capture, &contract(PACKS));
        findings.iter().filter(|finding| finding.subject.ends_with("/ 504")).count()
    };

    request(&mut capture, 200);
    let succeeded = without_span(&capture);
    request(&mut capture, 504);
    let failed = without_span(&capture);

    assert_eq!((succeeded, failed), (1, 0));
}

#[test]
fn a_metric_that_is_not_there_is_not_compared() {
    let mut capture = capture();
    capture.spans[BAD_CLIENT].attributes.set("error.type", "timeout");
    for scrape in &mut capture.scrapes {
        scrape.families.remove(GENAI_CALLS);
        scrape.families.remove(HTTP_CLIENT);
    }

    assert_eq!(told(&said("error_types", &capture, &contract(PACKS))), []);
}
