//! `/health` and `/ready`.

use axum::http::StatusCode;
use serde_json::json;

use crate::{fixture::Fixture, tree::assert_outline};

#[tokio::test]
async fn health_is_about_the_process_alone() {
    let fixture = Fixture::with(&[("QDRANT_URL", "http://127.0.0.1:1")]).await;

    let answer = fixture.get("/health").await;

    assert_eq!(answer.json(), json!({ "status": "ok" }));
}

#[tokio::test]
async fn with_all_dependencies_up_it_is_ready() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/ready").await;

    let up = json!({ "state": "up" });
    let dependencies = json!({ "vectors": up, "cache": up, "model": up });
    assert_eq!(answer.json(), json!({ "status": "ready", "dependencies": dependencies }));
    assert_outline(
        &fixture.traces(),
        "
        GET /ready SERVER
          health_check CLIENT
          PING CLIENT
        ",
    );
}

#[tokio::test]
async fn without_the_cache_it_is_ready_but_degraded() {
    let fixture = Fixture::with(&[("REDIS_URL", "redis://127.0.0.1:1")]).await;

    let answer = fixture.get("/ready").await;

    assert_eq!(answer.status, StatusCode::OK);
    let body = answer.json();
    assert_eq!(body["status"], "degraded");
    assert_eq!(body["dependencies"]["cache"], json!({ "state": "down", "reason": "connection_error" }));
}

#[tokio::test]
async fn without_a_dependency_that_queries_need_it_is_not_ready() {
    for (variable, url, name) in [
        ("QDRANT_URL", "http://127.0.0.1:1", "vectors"),
        ("OPENAI_BASE_URL", "http://127.0.0.1:1/v1", "model"),
        ("RERANKER_URL", "http://127.0.0.1:1", "reranker"),
    ] {
        let fixture = Fixture::with(&[(variable, url)]).await;

        let answer = fixture.get("/ready").await;

        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{name}");
        let body = answer.json();
        assert_eq!(body["status"], "unavailable");
        assert_eq!(body["dependencies"][name]["state"], "down", "{body}");
    }
}
