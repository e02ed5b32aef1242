//! Which traces are kept.

use axum::{body::Body, http::Request};

use crate::fixture::Fixture;

fn health(trace: &str, sampled: bool) -> Request<Body> {
    let parent = format!("00-{trace}-00f067aa0ba902b7-0{}", u8::from(sampled));
    Request::get("/health").header("traceparent", parent).body(Body::empty()).unwrap()
}

/// The highest and the lowest trace id, by the half that ratios look at.
const LAST: &str = "4bf92f3577b34da6ffffffffffffffff";
const FIRST: &str = "4bf92f3577b34da60000000000000001";

/// Whether a root, a child of a sampled parent and a child of an unsampled parent are kept.
async fn kept(sampler: &str, ratio: &str) -> [bool; 3] {
    let fixture = Fixture::with(&[("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", ratio)]).await;
    let mut kept = [false; 3];
    for (position, request) in
        [Request::get("/health").body(Body::empty()).unwrap(), health(LAST, true), health(FIRST, false)]
            .into_iter()
            .enumerate()
    {
        let before = fixture.traces().len();
        fixture.send(request).await;
        kept[position] = fixture.traces().len() > before;
    }
    kept
}

#[tokio::test]
async fn each_standard_sampler_decides_as_its_name_says() {
    assert_eq!(kept("always_on", "0").await, [true, true, true]);
    assert_eq!(kept("always_off", "1").await, [false, false, false]);
    assert_eq!(kept("traceidratio", "1").await, [true, true, true]);
    assert_eq!(kept("traceidratio", "0").await, [false, false, false]);
    assert_eq!(kept("parentbased_always_on", "0").await, [true, true, false]);
    assert_eq!(kept("parentbased_always_off", "1").await, [false, true, false]);
    assert_eq!(kept("parentbased_traceidratio", "1").await, [true, true, false]);
    assert_eq!(kept("parentbased_traceidratio", "0").await, [false, true, false]);
}

#[tokio::test]
async fn a_ratio_keeps_the_lower_trace_ids() {
    let fixture = Fixture::with(&[("OTEL_TRACES_SAMPLER", "traceidratio"), ("OTEL_TRACES_SAMPLER_ARG", "0.1")]).await;

    fixture.send(health(FIRST, false)).await;
    fixture.send(health(LAST, true)).await;

    let traces = fixture.traces();
    let kept: Vec<String> = traces.all().iter().map(|span| span.span_context.trace_id().to_string()).collect();
    assert_eq!(kept, [FIRST]);
}
