//! Telemetry switched off, whole or in part.

use axum::http::StatusCode;

use crate::{fakes::header, fixture::Fixture};

#[tokio::test]
async fn switched_off_it_records_nothing_and_sends_no_context() {
    for (variable, value) in [("OTEL_ENABLED", "false"), ("OTEL_SDK_DISABLED", "true")] {
        let fixture = Fixture::with_documents(&[(variable, value)]).await;

        let answer = fixture.ask("/api/rag").await;

        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(fixture.traces().len(), 0, "{variable}");
        assert_eq!(fixture.get("/metrics").await.status, StatusCode::NOT_FOUND, "{variable}");
        assert!(header(&fixture.model.received, "traceparent").iter().all(Option::is_none), "{variable}");
    }
}

#[tokio::test]
async fn switched_off_the_usage_is_counted_all_the_same() {
    let fixture = Fixture::with_documents(&[("OTEL_ENABLED", "false")]).await;

    fixture.ask("/api/rag").await;

    let usage = fixture.get("/api/usage").await.json();
    assert_eq!(usage["totals"]["calls"], 3);
    assert_eq!(usage["totals"]["completion_tokens"], 5);
}

#[tokio::test]
async fn without_metrics_there_are_still_traces() {
    let fixture = Fixture::with_documents(&[("PROMETHEUS_METRICS_ENABLED", "false")]).await;

    fixture.ask("/api/rag").await;

    assert_eq!(fixture.get("/metrics").await.status, StatusCode::NOT_FOUND);
    assert!(fixture.traces().len() > 10);
}

#[tokio::test]
async fn a_scrape_is_no_trace() {
    let fixture = Fixture::new().await;

    let scrape = fixture.get("/metrics").await;

    assert_eq!(scrape.status, StatusCode::OK);
    assert_eq!(fixture.traces().len(), 0);
}
