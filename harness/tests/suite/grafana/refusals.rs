//! Requests for queries that cannot be answered at all.

use otelgate_harness::standins;
use serde_json::{Value, json};

use super::stage::{Stage, answer, write};

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_as_grafana_refuses_them() {
    let stage = Stage::new().await;
    let of = |source: Value| json!({"from": "now-1h", "to": "now", "queries": [{"refId": "A", "datasource": source}]});
    let identified =
        |id: &str, message: &str| json!({"message": message, "messageId": id, "statusCode": 400, "traceID": ""});

    for (request, status, body) in [
        (json!({"queries": []}), 400, identified("query.noQueries", "No queries found")),
        (
            of(Value::Null),
            400,
            identified("query.invalidDatasourceId", "Query does not contain a valid data source identifier"),
        ),
        (of(json!({"uid": "none"})), 404, json!({"message": "Data source not found", "traceID": ""})),
        (json!({"queries": 1}), 400, json!({"message": "bad request data", "traceID": ""})),
    ] {
        let (found, answer) = stage.post("/api/ds/query", &request).await;
        assert_eq!((found.as_u16(), answer), (status, body), "{request}");
    }
}

#[tokio::test]
async fn one_unknown_data_source_refuses_the_whole_request() {
    let stage = Stage::new().await;
    let queries = json!([
        {"refId": "A", "datasource": {"uid": "prometheus"}, "expr": "up"},
        {"refId": "B", "datasource": {"uid": "none"}, "expr": "up"},
    ]);

    let (status, _) = stage.post("/api/ds/query", &json!({"from": "0", "to": "1", "queries": queries})).await;

    assert_eq!(status, 404);
    assert!(stage.prometheus.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn several_data_sources_are_asked_in_one_request() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "vector.json").await;
    answer(&stage.jaeger, "/api/traces/ffff", 404, "no_trace.json").await;
    let queries = json!([
        {"refId": "A", "datasource": {"uid": "prometheus"}, "expr": "up", "instant": true},
        {"refId": "B", "datasource": "jaeger", "query": "ffff"},
    ]);

    let (status, body) = stage.post("/api/ds/query", &json!({"from": "0", "to": "1", "queries": queries})).await;

    assert_eq!(status, 400);
    assert_eq!(body["results"]["A"]["status"], 200);
    assert_eq!(body["results"]["B"]["error"], "request failed: 404 Not Found");
}

#[tokio::test]
async fn an_answer_that_is_not_prometheus_is_told_with_its_status() {
    let stage = Stage::new().await;

    // Nothing is mounted: 404 with no body.
    let (status, result) = stage.query("prometheus", json!({"expr": "up", "instant": true})).await;

    assert_eq!(status, 400);
    assert_eq!(result["error"], "unexpected response with status code 404: ");
    assert_eq!(result["errorSource"], "downstream");
}

#[tokio::test]
async fn expressions_are_refused_and_not_answered_wrongly() {
    let stage = Stage::new().await;
    let queries = json!([{"refId": "A", "datasource": {"uid": "__expr__"}, "type": "math", "expression": "$A"}]);

    let (status, body) = stage.post("/api/ds/query", &json!({"queries": queries})).await;

    assert_eq!(status, 501);
    assert!(body["message"].as_str().unwrap().contains("expressions are not known to this stand-in"), "{body}");
}

#[tokio::test]
async fn a_data_source_without_a_plug_in_cannot_be_queried() {
    let folder = tempfile::tempdir().unwrap();
    let source = "apiVersion: 1\ndatasources: [{name: L, uid: l, type: loki, url: 'http://loki'}]\n";
    write(folder.path(), "datasources/loki.yaml", source);
    let grafana = standins::grafana().with_provisioning(folder.path()).run().await.unwrap();

    let request = crate::support::http::client()
        .post(format!("{}/api/ds/query", grafana.url()))
        .basic_auth("admin", Some("admin"))
        .json(&json!({"queries": [{"refId": "A", "datasource": {"uid": "l"}}]}));
    let answer = request.send().await.unwrap();

    assert_eq!(answer.status(), 404);
    assert_eq!(answer.json::<Value>().await.unwrap()["messageId"], "plugin.notRegistered");
    assert!(grafana.problems()[0].message.contains("no plug-in for type \"loki\""), "{:?}", grafana.problems());
}
