//! Grafana's HTTP API, in the shapes its documentation and versions 10 to 12 give.

use otelgate_harness::backends::Grafana;
use otelgate_harness::backends::grafana::Query;
use otelgate_harness::capture::arrived::Maker;
use serde_json::{Value as Json, json};
use wiremock::matchers::{basic_auth, body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECOND: u64 = 1_000_000_000;

async fn answering(at: &str, status: u16, body: Json) -> (MockServer, Grafana) {
    let server = MockServer::start().await;
    Mock::given(path(at)).respond_with(ResponseTemplate::new(status).set_body_json(body)).mount(&server).await;
    let grafana = Grafana::new(&server.uri(), Some(("admin", "secret"))).unwrap();
    (server, grafana)
}

fn query() -> Query {
    Query {
        ref_id: "A".to_owned(),
        kind: "prometheus".to_owned(),
        source: "prometheus".to_owned(),
        expr: "up".to_owned(),
        interval_ms: 15_000,
        ..Query::default()
    }
}

#[tokio::test]
async fn it_says_its_version_and_whether_it_is_a_stand_in() {
    let (_server, grafana) =
        answering("/api/health", 200, json!({"commit": "x", "database": "ok", "version": "12.3.0"})).await;
    let about = grafana.about().await.unwrap();
    assert_eq!(
        (about.product.as_str(), about.version.as_deref(), about.maker),
        ("Grafana", Some("12.3.0"), Maker::Original)
    );

    let stand_in =
        json!({"database": "ok", "version": "12.3.0-otelgate-stand-in.1", "standIn": "a stand-in, not Grafana"});
    let (_server, grafana) = answering("/api/health", 200, stand_in).await;
    let about = grafana.about().await.unwrap();
    assert_eq!((about.product.as_str(), about.maker), ("Grafana API stand-in", Maker::StandIn));
}

#[tokio::test]
async fn a_grafana_that_is_not_well_or_none_is_told() {
    let (_server, grafana) = answering("/api/health", 200, json!({"database": "failing", "version": "12"})).await;
    assert!(grafana.about().await.unwrap_err().to_string().contains("\"failing\""));

    let (_server, grafana) = answering("/elsewhere", 200, json!({})).await;
    assert!(grafana.about().await.unwrap_err().to_string().contains("answered 404"));
}

#[tokio::test]
async fn a_refused_login_is_named_with_the_next_step() {
    for (status, body, part) in [
        (
            401,
            json!({"message": "Invalid username or password", "messageId": "password-auth.failed", "statusCode": 401}),
            "give user and password",
        ),
        (
            403,
            json!({"message": "You'll need additional permissions", "accessErrorId": "x"}),
            "a user who may see data sources",
        ),
    ] {
        let (_server, grafana) = answering("/api/datasources", status, body.clone()).await;

        let error = grafana.data_sources().await.unwrap_err().to_string();

        for part in [part, "refuses the login of \"admin\"", body["message"].as_str().unwrap()] {
            assert!(error.contains(part), "{error}");
        }
        assert!(!error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn the_health_of_a_data_source_is_read() {
    let at = "/api/datasources/uid/p/health";
    let (_server, grafana) =
        answering(at, 200, json!({"status": "OK", "message": "Successfully queried the Prometheus API."})).await;
    assert_eq!(grafana.health_of("p").await.unwrap(), None);

    let (_server, grafana) =
        answering(at, 400, json!({"status": "ERROR", "message": "dial tcp: no such host", "details": {}})).await;
    assert_eq!(grafana.health_of("p").await.unwrap().as_deref(), Some("dial tcp: no such host"));
}

#[tokio::test]
async fn dashboards_are_found_and_missed() {
    let (_server, grafana) =
        answering("/api/search", 200, json!([{"uid": "a", "title": "A", "type": "dash-db", "tags": []}])).await;
    assert_eq!(grafana.dashboards().await.unwrap()[0].uid, "a");

    let (_server, grafana) = answering("/api/dashboards/uid/a", 404, json!({"message": "Dashboard not found"})).await;
    assert_eq!(grafana.dashboard("a").await.unwrap(), None);
}

#[tokio::test]
async fn a_query_is_sent_as_a_browser_sends_it_and_its_frames_are_summed_up() {
    let server = MockServer::start().await;
    let frame = json!({
        "schema": {"refId": "A", "meta": {"type": "timeseries-multi", "notices": [{"severity": "warning", "text": "PromQL info: not a counter"}]},
                   "fields": [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number", "labels": {"stage": "llm"}}]},
        "data": {"values": [[1, 2, 3, 4], [0, 2.5, null, 1]], "entities": [null, {"NaN": [2]}]}
    });
    Mock::given(method("POST"))
        .and(path("/api/ds/query"))
        .and(basic_auth("admin", "secret"))
        .and(body_partial_json(json!({"from": "1000", "to": "61000", "queries": [{
            "refId": "A", "datasource": {"type": "prometheus", "uid": "prometheus"}, "expr": "up", "range": true, "instant": false,
            "intervalMs": 15_000, "format": "time_series"
        }]})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"results": {"A": {"status": 200, "frames": [frame]}}})))
        .mount(&server)
        .await;
    let grafana = Grafana::new(&server.uri(), Some(("admin", "secret"))).unwrap();

    let answer = grafana.query(&query(), SECOND, 61 * SECOND).await.unwrap();

    assert_eq!(answer.error, None);
    assert_eq!(answer.notices, ["PromQL info: not a counter"]);
    let series = &answer.series[0];
    assert_eq!(series.labels["stage"], "llm");
    assert_eq!((series.points, series.zeros, series.not_numbers), (3, 1, 1));
    assert_eq!(format!("{:?}", [series.first, series.last, series.min, series.max]), "[0.0, 1.0, 0.0, 2.5]");
    assert!(series.says_something());
}

#[tokio::test]
async fn an_error_of_the_data_source_is_part_of_the_answer_whatever_the_status() {
    let results = json!({"results": {"A": {"status": 400, "error": "bad_data: unclosed left parenthesis", "errorSource": "downstream", "frames": []}}});
    for status in [200, 207, 400, 500] {
        let (_server, grafana) = answering("/api/ds/query", status, results.clone()).await;
        let answer = grafana.query(&query(), SECOND, 2 * SECOND).await.unwrap();
        assert_eq!(answer.error.as_deref(), Some("bad_data: unclosed left parenthesis"), "{status}");
    }
    let (_server, grafana) = answering("/api/ds/query", 404, json!({"message": "Data source not found"})).await;
    assert_eq!(
        grafana.query(&query(), SECOND, 2 * SECOND).await.unwrap().error.as_deref(),
        Some("Data source not found")
    );
}

#[tokio::test]
async fn a_table_and_a_list_are_counted_too() {
    let table = json!({"schema": {"fields": [{"name": "model", "type": "string"}, {"name": "Value", "type": "number"}]}, "data": {"values": [["a", "b"], [1, 0]]}});
    let list =
        json!({"schema": {"fields": [{"name": "traceID", "type": "string"}]}, "data": {"values": [["x", "y", "z"]]}});
    let (_server, grafana) =
        answering("/api/ds/query", 200, json!({"results": {"A": {"frames": [table, list]}}})).await;

    let answer = grafana.query(&query(), SECOND, 2 * SECOND).await.unwrap();

    assert_eq!(answer.series.len(), 2);
    assert_eq!(answer.series[0].labels["model"], "a");
    assert_eq!(answer.rows, 3);
}

#[tokio::test]
async fn what_is_no_answer_of_grafana_is_told_as_such() {
    let server = MockServer::start().await;
    Mock::given(path("/api/ds/query"))
        .respond_with(ResponseTemplate::new(200).set_body_string("<html>login</html>"))
        .mount(&server)
        .await;
    let grafana = Grafana::new(&server.uri(), None).unwrap();

    let error = grafana.query(&query(), SECOND, 2 * SECOND).await.unwrap_err().to_string();

    assert!(error.contains("<html>login"), "{error}");
}
