//! Requests that are wrong.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::json;

use crate::{
    fixture::Fixture,
    tree::{assert_outline, attribute},
};

#[tokio::test]
async fn an_invalid_question_is_the_clients_error_on_both_endpoints() {
    let fixture = Fixture::new().await;
    let bodies = [
        r#"{"query":"  ","topic_ids":["a"]}"#,
        r#"{"query":"q","topic_ids":[]}"#,
        r#"{"query":"q","topic_ids":[""]}"#,
        r#"{"query":"q"}"#,
        r#"{"query":7,"topic_ids":["a"]}"#,
        r#"{"query":"q","topic_ids":["a"]"#,
        "",
    ];

    for (number, body) in (1_u32..).zip(bodies) {
        for path in ["/api/rag", "/api/rag/stream"] {
            let answer = fixture.send(Request::post(path).body(Body::from(body)).unwrap()).await;

            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path} {body}");
            assert_eq!(answer.json()["error"]["type"], "invalid_request", "{body}");
        }
        let count = fixture.sample("rag_query_errors_total{stage=\"request\"}").await;
        assert!((count - 2.0 * f64::from(number)).abs() < f64::EPSILON, "{body}: {count}");
    }
}

#[tokio::test]
async fn a_clients_error_is_no_error_of_the_server_span_and_starts_no_query() {
    let fixture = Fixture::new().await;

    fixture.post("/api/rag", &json!({ "query": "", "topic_ids": ["a"] })).await;

    let traces = fixture.traces();
    assert_outline(&traces, "POST /api/rag SERVER");
    let server = traces.span("POST /api/rag");
    assert_eq!(attribute(server, "http.response.status_code").as_deref(), Some("400"));
    assert_eq!(attribute(server, "error.type"), None);
    assert!(fixture.sample("rag_query_duration_seconds_count{cache_hit=\"false\"}").await.abs() < f64::EPSILON);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused() {
    let fixture = Fixture::with(&[("MAX_BODY_BYTES", "100")]).await;
    let fits = json!({ "query": "", "topic_ids": ["x".repeat(60)] });
    let too_long = json!({ "query": "", "topic_ids": ["x".repeat(100)] });

    let first = fixture.post("/api/rag", &fits).await;
    let second = fixture.post("/api/rag", &too_long).await;

    assert_eq!(first.status, StatusCode::BAD_REQUEST);
    assert_eq!(second.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(second.json()["error"]["type"], "body_too_large");
}

#[tokio::test]
async fn an_unknown_route_has_no_route_and_no_unbounded_name() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/some/secret/path?token=secret").await;

    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json()["error"]["type"], "not_found");
    let traces = fixture.traces();
    assert_eq!(
        traces.attributes("GET"),
        [
            "http.request.method=\"GET\"",
            "http.response.status_code=404",
            "network.protocol.version=\"1.1\"",
            "url.path=\"/some/secret/path\"",
            "url.query=\"token=REDACTED\"",
            "url.scheme=\"http\"",
        ]
    );
}

#[tokio::test]
async fn a_wrong_method_is_refused_on_a_known_route() {
    let fixture = Fixture::new().await;

    let answer = fixture.get("/api/rag").await;

    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.json()["error"]["type"], "method_not_allowed");
    assert_outline(&fixture.traces(), "GET /api/rag SERVER");
}

#[tokio::test]
async fn an_unknown_method_is_named_other() {
    let fixture = Fixture::new().await;
    let brew = Method::from_bytes(b"BREW").unwrap();

    fixture.send(Request::builder().method(brew).uri("/health").body(Body::empty()).unwrap()).await;

    let traces = fixture.traces();
    let server = traces.span("HTTP /health");
    assert_eq!(attribute(server, "http.request.method").as_deref(), Some("\"_OTHER\""));
    assert_eq!(attribute(server, "http.request.method_original").as_deref(), Some("\"BREW\""));
}

#[tokio::test]
async fn documents_that_cannot_be_found_later_are_refused() {
    let fixture = Fixture::new().await;
    let document =
        |id: &str, topic: &str, text: &str| json!({ "id": id, "title": "", "topic_id": topic, "text": text });

    for documents in [
        json!([]),
        json!([document("", "t", "x")]),
        json!([document("a", " ", "x")]),
        json!([document("a", "t", "\n")]),
        json!([{ "id": "a" }]),
    ] {
        let answer = fixture.post("/api/documents", &json!({ "documents": documents })).await;

        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{documents}");
    }
    let counted = fixture.sample("rag_query_errors_total{stage=\"request\"}").await;
    assert!(counted.abs() < f64::EPSILON, "ingestion is no query");
}
