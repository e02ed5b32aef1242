//! Queries of Jaeger.

use serde_json::json;

use super::stage::{Stage, answer};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[tokio::test]
async fn a_trace_is_a_frame_with_a_row_for_each_span() {
    let stage = Stage::new().await;
    answer(&stage.jaeger, &format!("/api/traces/{TRACE}"), 200, "trace.json").await;

    let (status, result) = stage.query("jaeger", json!({"query": TRACE})).await;

    let frame = &result["frames"][0];
    let column = |name: &str| {
        let fields = frame["schema"]["fields"].as_array().unwrap();
        &frame["data"]["values"][fields.iter().position(|field| field["name"] == name).unwrap()]
    };
    assert_eq!(status, 200);
    assert_eq!(frame["schema"]["meta"]["preferredVisualisationType"], "trace");
    assert_eq!(frame["schema"]["meta"]["custom"], json!({"traceFormat": "jaeger"}));
    assert_eq!(frame["schema"]["fields"][2]["typeInfo"], json!({"frame": "string", "nullable": true}));
    assert_eq!(column("traceID"), &json!([TRACE, TRACE]));
    assert_eq!(column("operationName"), &json!(["POST /api/rag", "rag.query"]));
    assert_eq!(column("parentSpanID"), &json!([null, "b7ad6b7169203331"]));
    assert_eq!(column("serviceName"), &json!(["rag-service", "rag-service"]));
    assert_eq!(column("startTime"), &json!([1_795_521_855_123.456, 1_795_521_855_133.456]));
    assert_eq!(column("duration"), &json!([100, 80]));
    assert_eq!(column("references"), &json!([[], []]));
    assert_eq!(column("warnings"), &json!([null, null]));
    assert_eq!(column("tags")[1][0], json!({"key": "cache.hit", "type": "bool", "value": false}));
    assert_eq!(column("logs")[1][0]["fields"][0]["value"], "chunk");
}

#[tokio::test]
async fn a_trace_that_is_not_there_is_an_error_of_the_back_end() {
    let stage = Stage::new().await;
    answer(&stage.jaeger, "/api/traces/ffff", 404, "no_trace.json").await;

    let (status, result) = stage.query("jaeger", json!({"query": "ffff"})).await;

    let expected = json!({"error": "request failed: 404 Not Found", "errorSource": "downstream", "status": 500});
    assert_eq!(status, 400);
    assert_eq!(result, expected);
}

#[tokio::test]
async fn a_search_is_a_table_of_traces() {
    let stage = Stage::new().await;
    answer(&stage.jaeger, "/api/traces", 200, "search.json").await;

    let (status, result) = stage.query("jaeger", json!({"queryType": "search", "service": "rag-service"})).await;

    let frame = &result["frames"][0];
    assert_eq!(status, 200);
    assert_eq!(frame["schema"]["name"], "traces");
    assert_eq!(frame["schema"]["fields"][0]["config"]["links"][0]["internal"]["datasourceUid"], "jaeger");
    assert_eq!(
        frame["data"]["values"],
        json!([[TRACE], ["rag-service: POST /api/rag"], [1_795_521_855_123_i64], [100_000]])
    );
    assert_eq!(frame["data"]["nanos"], json!([null, null, [456_000], null]));
    let request = &stage.jaeger.received_requests().await.unwrap()[0];
    let asked = "service=rag-service&start=1795521876000000&end=1795521880000000&lookback=custom";
    assert_eq!(request.url.query(), Some(asked));
    // reader:pa$word, the password as it is after `$$`.
    assert_eq!(request.headers["authorization"], "Basic cmVhZGVyOnBhJHdvcmQ=");
}

#[tokio::test]
async fn a_query_without_an_id_is_not_sent() {
    let stage = Stage::new().await;

    let (_, result) = stage.query("jaeger", json!({"query": ""})).await;

    assert_eq!(result["error"], "traceID is empty");
    assert!(stage.jaeger.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_editor_gets_plain_lists_of_services_and_operations() {
    let stage = Stage::new().await;
    answer(&stage.jaeger, "/api/services", 200, "services.json").await;
    answer(&stage.jaeger, "/api/services/rag-service/operations", 200, "operations.json").await;

    let services = stage.json("/api/datasources/uid/jaeger/resources/services").await;
    let operations = stage.json("/api/datasources/uid/jaeger/resources/services/rag-service/operations").await;

    assert_eq!(services, json!(["rag-service"]));
    assert_eq!(operations, json!(["POST /api/rag", "rag.query"]));
    assert_eq!(stage.get("/api/datasources/uid/jaeger/resources/else").await.status(), 404);
}
