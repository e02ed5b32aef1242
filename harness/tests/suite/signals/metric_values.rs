//! Values that cannot be.

use std::sync::Arc;

use otelgate_harness::capture::{Capture, PointValue, Scrape, Temporality};

use super::sample::{HTTP_SERVER, TOKENS, capture, contract, examined, said, told};

const RULES: &str = "conventions: [http]";

/// A change, and why the histogram cannot be after it.
type Case = (fn(&mut Capture), &'static str);

fn after(change: impl Fn(&mut Capture)) -> Vec<otelgate_harness::finding::Finding> {
    let mut capture = capture();
    change(&mut capture);
    said("metric_values", &capture, &contract(RULES))
}

/// The histogram of successful requests in the last scrape.
fn histogram(capture: &mut Capture) -> &mut otelgate_harness::capture::HistogramPoint {
    match &mut capture.scrapes[1].families[HTTP_SERVER].points[0].value {
        PointValue::Histogram(histogram) => histogram,
        other => panic!("{other:?}"),
    }
}

#[test]
fn healthy_values_are_possible() {
    let (examined, findings) = examined("metric_values", &capture(), &contract(RULES));

    assert_eq!(told(&findings), []);
    assert_eq!(examined, 16);
}

#[test]
fn impossible_numbers_are_told() {
    for (number, why) in [(f64::NAN, "NaN"), (-1.0, "a counter of -1"), (f64::INFINITY, "a counter of inf")] {
        let findings = after(|it| {
            it.scrapes.remove(0);
            it.scrapes[0].families[TOKENS].points[0].value = PointValue::Number(number);
        });

        assert_eq!(told(&findings), [("metric.invalid", "rag_openai_tokens_total")]);
        assert_eq!(findings[0].found, why);
    }
}

#[test]
fn histograms_that_contradict_themselves_are_told() {
    let cases: [Case; 4] = [
        (|it| histogram(it).counts[2] += 1, "count 2 and 3 in the buckets"),
        (|it| histogram(it).sum = Some(f64::NAN), "a sum of NaN"),
        (|it| histogram(it).bounds.swap(0, 1), "bounds that do not rise: [0.01, 0.005]"),
        (|it| histogram(it).counts.push(0), "16 buckets for 14 bounds"),
    ];
    for (change, why) in cases {
        let findings = after(change);

        assert_eq!(told(&findings), [("metric.invalid", "http_server_request_duration_seconds")]);
        assert_eq!(findings[0].found, why);
    }
}

#[test]
fn a_counter_and_a_histogram_only_rise() {
    let counter = after(|it| it.scrapes[1].families[TOKENS].points[0].value = PointValue::Number(3.0));
    let count = after(|it| {
        histogram(it).count = 0;
        histogram(it).counts[1] = 0;
    });

    assert_eq!(told(&counter), [("metric.decreased", "rag_openai_tokens_total")]);
    assert_eq!((counter[0].wanted.as_str(), counter[0].found.as_str()), ("at least 12, what it was before", "3"));
    assert_eq!(told(&count), [("metric.decreased", "http_server_request_duration_seconds")]);
}

#[test]
fn a_decrease_between_any_two_scrapes_is_seen() {
    let findings = after(|it| {
        let last: Scrape = it.scrapes[1].clone();
        it.scrapes[1].families[TOKENS].points[0].value = PointValue::Number(3.0);
        it.scrapes.push(last);
    });

    assert_eq!(told(&findings), [("metric.decreased", "rag_openai_tokens_total")]);
}

#[test]
fn two_endpoints_and_deltas_are_not_compared() {
    let endpoints = after(|it| {
        it.scrapes[1].source = Arc::from("http://127.0.0.1:8002/metrics");
        it.scrapes[1].families[TOKENS].points[0].value = PointValue::Number(3.0);
    });
    let deltas = after(|it| {
        for scrape in &mut it.scrapes {
            scrape.families[TOKENS].temporality = Temporality::Delta;
        }
        it.scrapes[1].families[TOKENS].points[0].value = PointValue::Number(3.0);
    });

    assert_eq!(told(&endpoints), []);
    assert_eq!(told(&deltas), []);
}
