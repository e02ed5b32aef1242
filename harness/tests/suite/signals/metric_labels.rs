//! Labels with values without end.

use std::sync::Arc;

use otelgate_harness::capture::{Capture, PointValue};

use super::sample::{TOKENS, capture, contract, examined, point, said, told};

const RULES: &str = "conventions: [http]";

fn with_user(value: &str) -> Capture {
    let mut capture = capture();
    capture.scrapes[1].families[TOKENS].points[0].labels.set("user", value);
    capture
}

#[test]
fn healthy_labels_have_few_values() {
    let (examined, findings) = examined("metric_labels", &capture(), &contract(RULES));

    assert_eq!(told(&findings), []);
    assert!(examined > 10, "only {examined} labels");
}

#[test]
fn a_single_value_that_can_only_be_one_of_many_is_enough() {
    for (value, why) in [
        ("5f2b7c1e-8a44-4a0c-9d8e-3a0b1c2d3e4f", "is a UUID"),
        ("4bf92f3577b34da6a3ce929d0e0e4736", "is an id"),
        ("1719480000000", "is a time or an id"),
        ("2024-06-27T10:00:00Z", "is a time"),
        ("/users/4711/orders", "is a path with an id in it"),
        ("/search?user=4711", "is a path with an id in it"),
        ("the model did not answer in time so we gave up", "is a sentence"),
    ] {
        let findings = said("metric_labels", &with_user(value), &contract(RULES));

        assert_eq!(told(&findings), [("metric.label-unbounded", "rag_openai_tokens_total / user")], "{value}");
        assert!(findings[0].found.ends_with(why), "{}", findings[0].found);
    }
}

#[test]
fn values_of_a_kind_are_left_alone() {
    for value in [
        "gold",
        "/api/v1/rag",
        "/users/{id}",
        "127.0.0.1",
        "8080",
        "200",
        "gpt-4o-mini",
        "text-embedding-3-large",
        "1.1",
    ] {
        let findings = said("metric_labels", &with_user(value), &contract(RULES));

        assert_eq!(told(&findings), [], "{value}");
    }
}

#[test]
fn too_many_values_are_told_whatever_they_are() {
    let mut capture = capture();
    capture.scrapes[1].families[TOKENS].points =
        (0..101).map(|user| point(&[("user", &format!("user {user}"))], PointValue::Number(1.0))).collect();

    let findings = said("metric_labels", &capture, &contract(RULES));

    assert_eq!(told(&findings), [("metric.label-unbounded", "rag_openai_tokens_total / user")]);
    assert_eq!(findings[0].found, "101 different values");
}

#[test]
fn values_that_grow_with_the_requests_are_told() {
    let mut capture = capture();
    capture.scrapes[1].families[TOKENS].points =
        (0..30).map(|user| point(&[("type", &format!("user {user}"))], PointValue::Number(1.0))).collect();

    let findings = said("metric_labels", &capture, &contract(RULES));

    assert_eq!(told(&findings), [("metric.label-unbounded", "rag_openai_tokens_total / type")]);
    assert_eq!(findings[0].found, "2 values in the first scrape, 30 in the last, after 2 requests");
}

#[test]
fn what_identifies_the_process_stands_in_one_series_of_its_own() {
    let mut capture = with_user("5f2b7c1e-8a44-4a0c-9d8e-3a0b1c2d3e4f");
    capture.scrapes[1].families[TOKENS].name = Arc::from("target_info");

    assert_eq!(told(&said("metric_labels", &capture, &contract(RULES))), []);
}

#[test]
fn the_series_that_takes_the_rest_is_told() {
    let mut capture = capture();
    let rest = point(&[("otel_metric_overflow", "true")], PointValue::Number(1.0));
    capture.scrapes[1].families[TOKENS].points.push(rest);

    let findings = said("metric_labels", &capture, &contract(RULES));

    assert_eq!(told(&findings), [("metric.overflow", "rag_openai_tokens_total")]);
}
