//! Every query of a dashboard, run through Grafana's API with the values of its variables in it.

use otelgate_harness::backends::Grafana;
use otelgate_harness::capture::arrived::{Arrived, Asker, StoredPanels};
use otelgate_harness::capture::{Capture, load, save};
use otelgate_harness::run::panels::{Window, gather};
use serde_json::{Value as Json, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{one_query, together};

const SECOND: u64 = 1_000_000_000;

/// A Grafana with one Prometheus, which answers every query with one series of ones, and every list with two models.
async fn grafana() -> MockServer {
    let server = MockServer::start().await;
    let ok = |body: Json| ResponseTemplate::new(200).set_body_json(body);
    let sources = json!([{"uid": "prometheus", "name": "Prometheus", "type": "prometheus", "isDefault": true, "jsonData": {"timeInterval": "1s"}}]);
    Mock::given(path("/api/datasources")).respond_with(ok(sources)).mount(&server).await;
    Mock::given(path_regex("^/api/datasources/uid/[^/]+/health$"))
        .respond_with(ok(json!({"status": "OK"})))
        .mount(&server)
        .await;
    Mock::given(path("/api/search")).respond_with(ok(json!([]))).mount(&server).await;
    Mock::given(path_regex("/resources/api/v1/label/.*/values$"))
        .respond_with(ok(json!({"status": "success", "data": ["gpt-4o", "o.3"]})))
        .mount(&server)
        .await;
    let answer = |request: &Request| {
        let body: Json = request.body_json().unwrap();
        let letter = body["queries"][0]["refId"].as_str().unwrap().to_owned();
        let frame = json!({"schema": {"fields": [{"name": "Time", "type": "time"}, {"name": "Value", "type": "number", "labels": {}}]}, "data": {"values": [[1], [1]]}});
        ResponseTemplate::new(200).set_body_json(json!({"results": {letter: {"frames": [frame]}}}))
    };
    Mock::given(method("POST")).and(path("/api/ds/query")).respond_with(answer).mount(&server).await;
    server
}

async fn gathered(dashboard: Json) -> StoredPanels {
    let server = grafana().await;
    let client = Grafana::new(&server.uri(), None).unwrap();
    gather(&client, &together(&[dashboard]), Window::Between { from: 1_000 * SECOND, until: 1_060 * SECOND })
        .await
        .unwrap()
}

/// The query sent for this expression.
async fn sent(expr: &str, variables: Json) -> String {
    let mut dashboard = one_query(expr);
    dashboard["templating"]["list"] = variables;
    gathered(dashboard).await.answers.pop().unwrap().query
}

#[tokio::test]
async fn variables_have_the_values_that_grafana_gives_them() {
    let query = |multi: bool| json!([{"name": "model", "type": "query", "query": "label_values(tokens_total, model)", "multi": multi}]);

    for (expr, variables, wanted) in [
        ("x{model=\"$model\"}", query(false), "x{model=\"gpt-4o\"}"),
        ("x{model=~\"$model\"}", query(true), r#"x{model=~"(gpt-4o|o\\.3)"}"#),
        ("x{model=~\"${model:pipe}\"}", query(true), "x{model=~\"gpt-4o|o.3\"}"),
        ("rate(x[$__rate_interval])", json!([]), "rate(x[4s])"),
        ("increase(x[$__range])", json!([]), "increase(x[1m])"),
        ("x > $least", json!([{"name": "least", "type": "textbox", "query": "3"}]), "x > 3"),
        (
            "quantile($q, x)",
            json!([{"name": "q", "type": "custom", "query": "0.5,0.9", "current": {"value": "0.9"}}]),
            "quantile(0.9, x)",
        ),
        (
            "rate(x[$w])",
            json!([{"name": "w", "type": "interval", "query": "1m,5m", "current": {"value": "$__auto_interval_w"}}]),
            "rate(x[1m])",
        ),
    ] {
        assert_eq!(sent(expr, variables).await, wanted, "{expr}");
    }
}

#[tokio::test]
async fn a_variable_may_need_another_and_a_data_source() {
    let variables = json!([
        {"name": "second", "type": "query", "query": "label_values(x{model=\"$first\"}, model)", "datasource": {"uid": "$ds"}},
        {"name": "first", "type": "query", "query": "label_values(model)", "datasource": {"uid": "${ds}"}, "regex": "/^(o)/"},
        {"name": "ds", "type": "datasource", "query": "prometheus"}
    ]);
    let mut dashboard = one_query("x{model=\"$second\"}");
    dashboard["panels"][0]["datasource"] = json!({"type": "prometheus", "uid": "${ds}"});
    dashboard["templating"]["list"] = variables;

    let panels = gathered(dashboard).await;

    let told: Vec<(Asker, &str, &str)> =
        panels.answers.iter().map(|it| (it.asker, it.subject.as_str(), it.query.as_str())).collect();
    assert_eq!(
        told,
        [
            (Asker::Variable, "first", "label/model/values"),
            (Asker::Variable, "second", "label/model/values x{model=\"o\"}"),
            (Asker::Panel, "P", "x{model=\"gpt-4o\"}"),
        ]
    );
    assert_eq!(panels.answers[0].values, ["o"]);
}

#[tokio::test]
async fn what_grafana_has_and_has_not_is_noted_and_the_answers_can_be_saved() {
    let mut dashboard = one_query("up");
    dashboard["panels"][0]["targets"] = json!([
        {"refId": "A", "expr": "up"},
        {"refId": "B", "expr": "up", "datasource": {"type": "prometheus", "uid": "nowhere"}},
        {"refId": "C", "datasource": {"type": "__expr__", "uid": "__expr__"}, "expression": "$A"}
    ]);
    dashboard["annotations"] = json!({"list": [{"name": "Starts", "expr": "changes(up[1m]) > 0"}]});

    let panels = gathered(dashboard).await;

    assert_eq!(panels.absent, ["d"]);
    assert_eq!((panels.sources[0].uid.as_str(), panels.sources[0].trouble.as_deref()), ("prometheus", None));
    let told: Vec<(&str, Option<&str>)> =
        panels.answers.iter().map(|it| (it.ref_id.as_str(), it.error.as_deref())).collect();
    assert_eq!(told, [("A", None), ("B", Some("there is no data source `nowhere`")), ("", None)]);

    let folder = tempfile::tempdir().unwrap();
    let capture = Capture { arrived: Arrived { panels: Some(panels), ..Arrived::default() }, ..Capture::default() };
    save(&capture, folder.path()).unwrap();

    assert_eq!(load(folder.path()).unwrap().arrived, capture.arrived);
}
