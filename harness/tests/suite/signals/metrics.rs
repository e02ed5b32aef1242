//! Metrics against the contract and the conventions.

use std::sync::Arc;

use otelgate_harness::capture::{Capture, MetricKind, PointValue, Value};

use super::sample::{
    GENAI_CALLS, HTTP_CLIENT, HTTP_SERVER, TOKENS, capture, contract, examined, histogram, point, said, told,
};

const RULES: &str = "
conventions: [http, database, genai]
metrics:
  rag_openai_tokens_total: {kind: counter, unit: '{token}', labels: {type: {one-of: [prompt, completion]}}, series: 2}
  http_server_request_duration_seconds: {labels: {http_response_status_code: {type: int, min: 200}}}
  rag_optional_total: {kind: counter, optional: true}
";

const SERVER_NAME: &str = "http_server_request_duration_seconds";

/// What the check says when the last scrape of a healthy capture has one change.
fn after(change: impl Fn(&mut Capture)) -> Vec<otelgate_harness::finding::Finding> {
    let mut capture = capture();
    change(&mut capture);
    said("metrics", &capture, &contract(RULES))
}

#[test]
fn healthy_metrics_give_no_finding() {
    let (examined, findings) = examined("metrics", &capture(), &contract(RULES));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 8);
}

#[test]
fn a_missing_metric_names_the_nearest() {
    let findings = after(|it| {
        for scrape in &mut it.scrapes {
            scrape.families[TOKENS].name = Arc::from("rag_openai_token_total");
        }
    });

    assert_eq!(told(&findings), [("metric.missing", "rag_openai_tokens_total")]);
    assert_eq!(findings[0].found, "nearest: rag_openai_token_total");
}

#[test]
fn a_metric_that_went_away_says_so() {
    let findings = after(|it| {
        it.scrapes[1].families.remove(TOKENS);
    });

    assert_eq!(told(&findings), [("metric.missing", "rag_openai_tokens_total")]);
    assert_eq!(findings[0].found, "it was in an earlier scrape, and not in the last one");
}

#[test]
fn a_metric_of_otlp_need_not_be_in_the_last_request() {
    let findings = after(|it| {
        for scrape in &mut it.scrapes {
            scrape.source = Arc::from("otlp");
        }
        it.scrapes[1].families.remove(TOKENS);
    });

    assert_eq!(told(&findings), []);
}

#[test]
fn another_kind_is_told() {
    let findings = after(|it| it.scrapes[1].families[TOKENS].kind = MetricKind::Gauge);

    assert_eq!(told(&findings), [("metric.kind", "rag_openai_tokens_total")]);
    assert_eq!((findings[0].wanted.as_str(), findings[0].found.as_str()), ("counter", "gauge"));
}

#[test]
fn another_unit_is_told_and_a_unit_that_names_do_not_carry_is_none() {
    let lost = after(|it| it.scrapes[1].families[HTTP_CLIENT].unit = Arc::from(""));
    let other = after(|it| it.scrapes[1].families[HTTP_SERVER].unit = Arc::from("ms"));

    assert_eq!(told(&lost), [("metric.unit", "http_client_request_duration_seconds")]);
    assert_eq!(told(&other), [("metric.unit", SERVER_NAME)]);
    assert_eq!((other[0].wanted.as_str(), other[0].found.as_str()), ("\"s\"", "\"ms\""));
}

#[test]
fn other_buckets_name_what_is_lost_and_what_is_extra() {
    let findings = after(|it| {
        let bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 12.0];
        it.scrapes[1].families[HTTP_SERVER].points[1].value = histogram(2, &bounds);
    });

    assert_eq!(told(&findings), [("metric.buckets", SERVER_NAME)]);
    assert!(findings[0].found.starts_with("lost 10; extra 12: [0.005, "), "{}", findings[0].found);
}

#[test]
fn a_label_that_the_contract_or_the_convention_requires_is_missed() {
    let convention = after(|it| {
        it.scrapes[1].families[HTTP_SERVER].points[0].labels.remove("url_scheme");
    });
    let contract = after(|it| {
        it.scrapes[1].families[TOKENS].points[0].labels.remove("type");
    });
    let failed = after(|it| {
        it.scrapes[1].families[HTTP_CLIENT].points[1].labels.remove("error_type");
    });

    assert_eq!(told(&convention), [("metric.label-missing", format!("{SERVER_NAME} / url_scheme").as_str())]);
    assert_eq!(told(&contract), [("metric.label-missing", "rag_openai_tokens_total / type")]);
    assert_eq!(told(&failed), [("metric.label-missing", "http_client_request_duration_seconds / error_type")]);
}

#[test]
fn an_empty_label_is_no_label() {
    let findings = after(|it| it.scrapes[1].families[HTTP_SERVER].points[0].labels.set("url_scheme", ""));

    assert_eq!(told(&findings), [("metric.label-missing", format!("{SERVER_NAME} / url_scheme").as_str())]);
}

#[test]
fn a_label_nobody_promised_is_told_once_unless_the_exporter_adds_it() {
    let findings = after(|it| {
        for point in &mut it.scrapes[1].families[TOKENS].points {
            point.labels.set("user", "bob");
            point.labels.set("otel_scope_name", "rag");
            point.labels.set("instance", "127.0.0.1:8001");
        }
        it.scrapes[1].families[GENAI_CALLS].points[0].labels.set("team", "search");
    });

    assert_eq!(told(&findings), [("metric.label-unexpected", "rag_openai_tokens_total / user")]);
    assert_eq!(findings[0].found, "user=\"bob\"");
}

#[test]
fn a_label_of_another_value_is_told() {
    let word = after(|it| it.scrapes[1].families[TOKENS].points[0].labels.set("type", "input"));
    let method = after(|it| it.scrapes[1].families[HTTP_CLIENT].points[0].labels.set("http_request_method", "post"));
    let status =
        after(|it| it.scrapes[1].families[HTTP_SERVER].points[0].labels.set("http_response_status_code", "199"));

    assert_eq!(told(&word), [("metric.label-value", "rag_openai_tokens_total / type")]);
    assert_eq!(told(&method), [("metric.label-value", "http_client_request_duration_seconds / http_request_method")]);
    assert_eq!(told(&status), [("metric.label-value", format!("{SERVER_NAME} / http_response_status_code").as_str())]);
}

#[test]
fn labels_of_otlp_are_dotted_and_typed_and_the_same() {
    let findings = after(|it| {
        for scrape in &mut it.scrapes {
            for point in &mut scrape.families[HTTP_SERVER].points {
                let status = point.labels.remove("http_response_status_code").unwrap();
                let number = status.as_str().unwrap().parse().unwrap();
                point.labels.push(Arc::from("http.response.status_code"), Value::Int(number));
            }
        }
    });

    assert_eq!(told(&findings), []);
}

#[test]
fn too_few_and_too_many_series_are_told() {
    let few = after(|it| {
        it.scrapes[1].families[TOKENS].points.pop();
    });
    let many = after(|it| {
        let more = point(&[("type", "prompt"), ("job", "rag")], PointValue::Number(1.0));
        it.scrapes[1].families[TOKENS].points.push(more);
    });

    for findings in [few, many] {
        assert_eq!(told(&findings), [("metric.series", "rag_openai_tokens_total")]);
        assert_eq!(findings[0].wanted, "exactly 2");
    }
}

#[test]
fn a_metric_that_was_declared_and_never_recorded_has_no_series() {
    let findings = after(|it| it.scrapes[1].families[HTTP_SERVER].points.clear());

    assert_eq!(told(&findings), [("metric.series", SERVER_NAME)]);
}
