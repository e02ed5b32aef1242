//! Queries of Prometheus, as panels put them.

use serde_json::json;
use wiremock::MockServer;

use super::stage::{Stage, answer, answer_to};

/// The forms a back end was sent, decoded as far as needed here.
async fn forms(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    requests.iter().map(|request| String::from_utf8(request.body.clone()).unwrap()).collect()
}

#[tokio::test]
async fn a_range_becomes_a_frame_for_each_series() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "range.json").await;

    let query = json!({"expr": "x[$__interval]", "range": true, "legendFormat": "up to {{le}}", "intervalMs": 1000});
    let (status, result) = stage.query("prometheus", query).await;

    let labels = json!({"__name__": "rag_query_duration_seconds_bucket", "cache_hit": "false", "instance": "service:8001",
        "job": "rag-service", "le": "+Inf"});
    let times = json!([
        1_795_521_876_000_i64,
        1_795_521_877_000_i64,
        1_795_521_878_000_i64,
        1_795_521_879_000_i64,
        1_795_521_880_000_i64
    ]);
    let frame = json!({
        "schema": {
            "refId": "A",
            "meta": {
                "type": "timeseries-multi", "typeVersion": [0, 1],
                "custom": {"resultType": "matrix", "calculatedMinStep": 1000},
                "executedQueryString": "Expr: x[1s]\nStep: 1s",
            },
            "fields": [
                {"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time"}, "config": {"interval": 1000}},
                {"name": "rag_query_duration_seconds_bucket", "type": "number", "typeInfo": {"frame": "float64"},
                    "labels": labels, "config": {"displayNameFromDS": "up to +Inf"}},
            ],
        },
        "data": {"values": [times, [500, 510, 520, 530, 540]]},
    });
    assert_eq!(status, 200);
    assert_eq!(result["status"], 200);
    assert_eq!(result["frames"][0], frame);
    let second = &result["frames"][1]["schema"];
    assert_eq!(second["fields"][1]["config"]["displayNameFromDS"], "up to 1.0");
    assert_eq!(second["meta"].get("executedQueryString"), None);
    assert_eq!(forms(&stage.prometheus).await, ["query=x%5B1s%5D&start=1795521876&end=1795521880&step=1"]);
}

#[tokio::test]
async fn an_instant_is_asked_at_the_end_of_the_range() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "vector.json").await;

    let (_, result) = stage.query("prometheus", json!({"expr": "up", "instant": true, "format": "table"})).await;

    let schema = &result["frames"][0]["schema"];
    assert_eq!(schema["meta"]["type"], "numeric-multi");
    assert_eq!(schema["fields"][1]["config"]["displayNameFromDS"], r#"up{instance="service:8001", job="rag-service"}"#);
    assert_eq!(result["frames"][0]["data"]["values"], json!([[1_795_521_880_000_i64], [1]]));
    assert_eq!(forms(&stage.prometheus).await, ["query=up&time=1795521880"]);
}

#[tokio::test]
async fn a_query_can_be_of_an_instant_and_a_range_at_once() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "vector.json").await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "range.json").await;

    let (_, result) = stage.query("prometheus", json!({"expr": "up", "instant": true, "range": true})).await;

    assert_eq!(result["frames"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_scalar_is_a_frame_too() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "scalar.json").await;

    let (_, result) = stage.query("prometheus", json!({"expr": "1+1", "instant": true})).await;

    let frame = &result["frames"][0];
    assert_eq!(frame["schema"]["meta"]["custom"]["resultType"], "scalar");
    assert_eq!(frame["schema"]["fields"][1]["labels"], json!({}));
    assert_eq!(frame["data"]["values"], json!([[4000], [2]]));
}

#[tokio::test]
async fn infinity_is_listed_beside_the_values() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "not_a_number.json").await;

    let (_, result) = stage.query("prometheus", json!({"expr": "a / 0", "range": true})).await;

    let data = &result["frames"][0]["data"];
    assert_eq!(data["values"][1], json!([null, null, null, null, null]));
    assert_eq!(data["entities"], json!([null, {"Inf": [0, 1, 2, 3, 4]}]));
}

#[tokio::test]
async fn nothing_found_is_one_empty_frame_that_says_what_was_asked() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "empty.json").await;

    let (status, result) = stage.query("prometheus", json!({"expr": "nothing_here", "range": true})).await;

    let frame = &result["frames"][0];
    assert_eq!(status, 200);
    assert_eq!(frame["schema"]["fields"], json!([]));
    assert_eq!(frame["data"]["values"], json!([]));
    assert_eq!(frame["schema"]["meta"]["executedQueryString"], "Expr: nothing_here\nStep: 1s");
}

#[tokio::test]
async fn what_prometheus_remarks_is_passed_on() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "infos.json").await;

    let (_, result) = stage.query("prometheus", json!({"expr": "rate(up[10s])", "instant": true})).await;

    let notice = &result["frames"][0]["schema"]["meta"]["notices"][0];
    assert_eq!(notice["severity"], "info");
    assert!(notice["text"].as_str().unwrap().contains("might not be a counter"), "{notice}");
}

#[tokio::test]
async fn a_query_that_prometheus_refuses_fails_alone() {
    let stage = Stage::new().await;
    answer_to(&stage.prometheus, "/api/v1/query", "query=up&", "vector.json").await;
    answer(&stage.prometheus, "/api/v1/query_range", 400, "bad_query.json").await;
    let source = json!({"uid": "prometheus", "type": "prometheus"});

    let queries = json!([
        {"refId": "good", "datasource": source, "expr": "up", "instant": true},
        {"refId": "bad", "datasource": source, "expr": "sum(", "range": true},
    ]);
    let (status, body) = stage.post("/api/ds/query", &json!({"from": "now-5m", "to": "now", "queries": queries})).await;

    let bad = &body["results"]["bad"];
    assert_eq!(status, 400);
    assert_eq!(bad["error"], r#"bad_data: invalid parameter "query": 1:5: parse error: unclosed left parenthesis"#);
    assert_eq!((&bad["status"], &bad["errorSource"]), (&json!(400), &json!("downstream")));
    assert_eq!(body["results"]["good"]["status"], 200);
}

#[tokio::test]
async fn the_variables_of_a_dashboard_are_not_the_servers_business() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query_range", 200, "empty.json").await;

    let expr = r#"rate(x{job="$job"}[$__rate_interval])"#;
    let (_, result) = stage.query("prometheus", json!({"expr": expr, "range": true, "intervalMs": 1000})).await;

    let executed = &result["frames"][0]["schema"]["meta"]["executedQueryString"];
    assert_eq!(executed, "Expr: rate(x{job=\"$job\"}[4s])\nStep: 1s");
}
