//! What goes through to the back ends.

use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, ResponseTemplate};

use super::stage::{Stage, answer};

#[tokio::test]
async fn the_editor_of_prometheus_gets_labels_values_and_series() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/labels", 200, "labels.json").await;
    answer(&stage.prometheus, "/api/v1/label/le/values", 200, "label_values.json").await;
    answer(&stage.prometheus, "/api/v1/series", 200, "series.json").await;
    let resources = "/api/datasources/uid/prometheus/resources/api/v1";

    let labels = stage.json(&format!("{resources}/labels?start=1&end=2")).await;
    let values = stage.json(&format!("{resources}/label/le/values?match[]=up")).await;
    let series = stage.json(&format!("{resources}/series?match%5B%5D=up")).await;

    assert_eq!(labels["data"][1], "cache_hit");
    assert_eq!(values["data"], json!(["+Inf", "0.1", "1.0"]));
    assert_eq!(series["data"][0]["job"], "rag-service");
    let requests = stage.prometheus.received_requests().await.unwrap();
    let methods: Vec<_> = requests.iter().map(|request| request.method.as_str()).collect();
    // As Grafana: by `POST` where Prometheus knows it.
    assert_eq!(methods, ["POST", "GET", "POST"]);
    assert_eq!(requests[0].url.query(), Some("start=1&end=2"));
}

#[tokio::test]
async fn what_is_refused_by_post_is_asked_again_by_get() {
    let stage = Stage::new().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(405)).mount(&stage.prometheus).await;
    answer(&stage.prometheus, "/api/v1/labels", 200, "labels.json").await;

    let labels = stage.json("/api/datasources/uid/prometheus/resources/api/v1/labels").await;

    assert_eq!(labels["status"], "success");
}

#[tokio::test]
async fn the_proxy_hands_on_status_and_body() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 400, "bad_query.json").await;

    let answer = stage.get("/api/datasources/proxy/uid/prometheus/api/v1/query?query=sum%28").await;

    assert_eq!(answer.status(), 400);
    assert_eq!(answer.json::<Value>().await.unwrap()["errorType"], "bad_data");
    let request = &stage.prometheus.received_requests().await.unwrap()[0];
    assert_eq!(request.url.query(), Some("query=sum%28"));
    assert!(!request.headers.contains_key("authorization"), "the login is the stand-in's, not the back end's");
}

#[tokio::test]
async fn nothing_can_be_deleted_through_the_proxy() {
    let stage = Stage::new().await;
    let url = format!("{}/api/datasources/proxy/uid/prometheus/api/v1/admin", stage.grafana.url());

    let request = crate::support::http::client().delete(url).basic_auth("admin", Some("admin"));
    let answer = request.send().await.unwrap();

    assert_eq!(answer.status(), 403);
    let expected = json!({"message": "non allow-listed DELETEs not allowed on proxied Prometheus datasource"});
    assert_eq!(answer.json::<Value>().await.unwrap(), expected);
}
