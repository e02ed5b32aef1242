//! Numbers that must agree.

use std::sync::Arc;
use std::time::Duration;

use otelgate_harness::capture::{PointValue, SpanKind, TraceContext};

use super::sample::{HTTP_SERVER, QUERY, TOKENS, capture, contract, examined, said, told};

const TOKENS_AGREE: &str = "
relations:
- name: tokens
  equal:
  - calls: {to: model, path: /v1/*, fact: prompt_tokens}
  - spans: {name: 'chat {gen_ai.request.model}', add: gen_ai.usage.input_tokens}
  - metric: rag_openai_tokens_total
    labels: {type: prompt}
";

const REQUESTS_AGREE: &str = "
relations:
- name: requests
  equal:
  - requests: {method: POST, path: '/api/*'}
  - spans: {kind: server}
  - metric: http_server_request_duration_seconds
    field: count
  - sum:
    - requests: {status: 200}
    - requests: {status: 500..599}
- name: failures
  equal:
  - {metric: http_server_request_duration_seconds, labels: {http_response_status_code: 502}}
  - {requests: {path: /api/rag}, minus: [{requests: {status: 200..499}}]}
  - {logs: {via: otlp, message: 'the model *', where: {stage: llm}}}
  - {spans: {kind: server, status: error, where: {http.response.status_code: {min: 500}}}}
  - {number: 1}
";

#[test]
fn healthy_numbers_agree() {
    for (rules, terms) in [(TOKENS_AGREE, 3), (REQUESTS_AGREE, 9)] {
        let (examined, findings) = examined("relations", &capture(), &contract(rules));

        assert_eq!(told(&findings), []);
        assert_eq!(examined, terms);
    }
}

#[test]
fn the_odd_one_out_is_named_with_by_how_much() {
    let mut capture = capture();
    capture.scrapes[1].families[TOKENS].points[0].value = PointValue::Number(36.0);

    let findings = said("relations", &capture, &contract(TOKENS_AGREE));

    assert_eq!(told(&findings), [("relation.broken", "tokens")]);
    assert_eq!(findings[0].message, "rag_openai_tokens_total{type=\"prompt\"} is 12 too many");
    assert_eq!(
        findings[0].found,
        "prompt_tokens of calls to the model server /v1/* = 12; \
         gen_ai.usage.input_tokens of spans \"chat {gen_ai.request.model}\" = 12; \
         rag_openai_tokens_total{type=\"prompt\"} = 24"
    );
}

#[test]
fn a_lost_span_breaks_the_relation_it_is_counted_in() {
    let mut capture = capture();
    capture.spans.remove(0);

    let findings = said("relations", &capture, &contract(REQUESTS_AGREE));

    assert_eq!(told(&findings), [("relation.broken", "requests")]);
    assert_eq!(findings[0].message, "spans of kind server is 1 too few");
}

#[test]
fn a_histogram_is_its_growth_since_the_first_scrape() {
    let mut capture = capture();
    capture.scrapes[0].families.remove(HTTP_SERVER);

    let findings = said("relations", &capture, &contract(REQUESTS_AGREE));

    assert_eq!(findings.len(), 2);
    assert!(findings[0].found.contains("http_server_request_duration_seconds count = 4"), "{}", findings[0].found);
}

#[test]
fn requests_that_were_not_sampled_can_be_left_out() {
    let mut capture = capture();
    let mut request = capture.exchanges[0].clone();
    request.trace = Some(TraceContext::Unsampled { trace_id: "05".repeat(16), span_id: "09".repeat(8) });
    capture.exchanges.push(request);
    let rule = |sampled: &str| {
        format!("relations:\n- name: r\n  equal: [{{requests: {{{sampled}}}}}, {{spans: {{kind: server}}}}]")
    };

    let sampled = said("relations", &capture, &contract(&rule("sampled: true")));
    let all = said("relations", &capture, &contract(&rule("")));

    assert_eq!(told(&sampled), []);
    assert_eq!(told(&all), [("relation.broken", "r")]);
}

#[test]
fn nothing_equal_to_nothing_is_told_unless_it_may_be() {
    let rule = "
relations:
- name: hits
  equal: [{spans: {where: {cache.hit: true}}}, {metric: rag_cache_hit_total}]
";
    let mut with_similar = capture();
    with_similar.scrapes[1].families[TOKENS].name = Arc::from("rag_cache_hits_total");

    let findings = said("relations", &with_similar, &contract(rule));
    let allowed = said("relations", &with_similar, &contract(&format!("{rule}  may-be-zero: true\n")));

    assert_eq!(told(&findings), [("relation.zero", "hits")]);
    assert_eq!(
        findings[0].found,
        "spans where cache.hit=true = 0; rag_cache_hit_total = 0; \
         no metric `rag_cache_hit_total` was ever there (nearest: rag_cache_hits_total)"
    );
    assert_eq!(told(&allowed), []);
}

#[test]
fn a_span_that_doubles_is_seen_by_a_selector_on_its_attributes() {
    let mut capture = capture();
    let doubled = capture.spans[QUERY].clone();
    capture.spans.push(doubled);
    let rule = "
relations:
- name: queries
  equal:
  - {spans: {name: rag.query, where: {cache.hit: false}}, label: cold queries}
  - {requests: {scenario: cold query}}
";

    let findings = said("relations", &capture, &contract(rule));

    assert_eq!(told(&findings), [("relation.broken", "queries")]);
    assert_eq!(findings[0].found, "cold queries = 2; requests in \"cold query\" = 1");
}

#[test]
fn times_may_differ_by_the_share_the_relation_allows() {
    let rule = |within: &str| {
        format!(
            "relations:\n- name: time\n  {within}\n  equal:\n  - spans: {{kind: server, add-seconds: true}}\n  - number: SECONDS\n"
        )
    };
    let seconds: f64 = capture()
        .spans
        .iter()
        .filter(|span| span.kind == SpanKind::Server)
        .map(|span| Duration::from_nanos(span.end - span.start).as_secs_f64())
        .sum();
    let against = |within: &str, number: f64| {
        told(&said("relations", &capture(), &contract(&rule(within).replace("SECONDS", &number.to_string()))))
            .into_iter()
            .map(|(id, subject)| format!("{id} {subject}"))
            .collect::<Vec<_>>()
    };

    assert_eq!(against("within: 0.1", seconds * 1.05), Vec::<String>::new());
    assert_eq!(against("within: 0.1", seconds * 1.5), ["relation.broken time"]);
    assert_eq!(against("within: 0.1", seconds * 1000.0), ["relation.broken time"]);
    assert_eq!(against("may-be-zero: false", seconds * 1.05), ["relation.broken time"]);
}
