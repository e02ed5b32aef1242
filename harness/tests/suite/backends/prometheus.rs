//! Prometheus' HTTP API.

use std::time::Duration;

use otelgate_harness::backends::Prometheus;
use otelgate_harness::backends::prometheus::QueryValue;
use otelgate_harness::capture::arrived::Health;

use super::{answering, nowhere, recorded};

async fn recorded_at(path: &str, name: &str) -> (wiremock::MockServer, Prometheus) {
    let server = answering(path, 200, &recorded(&format!("prometheus/{name}.json"))).await;
    let prometheus = Prometheus::new(&server.uri()).unwrap();
    (server, prometheus)
}

#[tokio::test]
async fn the_version_is_that_of_its_build() {
    let (_server, prometheus) = recorded_at("/api/v1/status/buildinfo", "buildinfo").await;

    assert_eq!(prometheus.version().await.unwrap().as_deref(), Some("3.16.0"));
}

#[tokio::test]
async fn its_clock_is_read_to_the_nanosecond() {
    let (_server, prometheus) = recorded_at("/api/v1/status/runtimeinfo", "runtimeinfo").await;

    // 2026-11-24T12:16:47.936970593Z
    assert_eq!(prometheus.now().await.unwrap(), 1_795_522_607_936_970_593);
}

#[tokio::test]
async fn targets_come_with_the_address_tried_and_the_error() {
    let (_server, prometheus) = recorded_at("/api/v1/targets", "targets").await;

    let targets = prometheus.targets().await.unwrap();

    let down = targets.iter().find(|target| target.job() == "other").unwrap();
    assert_eq!((down.health, down.url.as_str()), (Health::Down, "http://127.0.0.1:1/metrics"));
    assert!(down.last_error.ends_with("connect: connection refused"), "{}", down.last_error);
    let up = targets.iter().find(|target| target.job() == "rag-service").unwrap();
    assert_eq!((up.health, up.last_error.as_str(), up.interval), (Health::Up, "", 1_000_000_000));
    assert!(up.last_scrape > 1_795_522_600_000_000_000, "{}", up.last_scrape);
}

#[tokio::test]
async fn a_range_selector_gives_samples_as_they_are_stored() {
    let (server, prometheus) = recorded_at("/api/v1/query", "matrix").await;

    let answer = prometheus.query("{job=\"rag-service\"}[60s]", Some(1_795_522_608_004_000_000)).await.unwrap();

    let QueryValue::Matrix(series) = answer.data else { panic!("not a matrix") };
    let up = series.iter().find(|series| series.name() == "up").unwrap();
    assert_eq!((up.samples[0].time, up.samples.len()), (1_795_522_604_817_000_000, 4));
    let requests = server.received_requests().await.unwrap();
    let query: Vec<_> = requests[0].url.query_pairs().into_owned().collect();
    assert_eq!(query[0].1, "{job=\"rag-service\"}[60s]");
    assert_eq!(query[1].1, "1795522608.004");
}

#[tokio::test]
async fn numbers_that_json_does_not_have_are_read() {
    let (_server, prometheus) = recorded_at("/api/v1/query", "vector").await;

    let series = prometheus.query("g", None).await.unwrap().data.into_series();

    let values: Vec<f64> =
        series.iter().filter(|series| series.name() == "g").map(|series| series.samples[0].value).collect();
    assert!(values[0].is_nan(), "{values:?}");
    assert_eq!(values[1].to_bits(), f64::INFINITY.to_bits());
}

#[tokio::test]
async fn a_refused_query_says_why() {
    let server = answering("/api/v1/query", 400, &recorded("prometheus/refused.json")).await;

    let error = Prometheus::new(&server.uri()).unwrap().query("rate(up)", None).await.unwrap_err();

    assert!(!error.is_passing());
    let text = error.to_string();
    assert!(text.contains("refused the question (bad_data: invalid parameter \"query\": 1:6: parse error"), "{text}");
}

#[tokio::test]
async fn a_query_over_time_says_from_when_to_when() {
    let (server, prometheus) = recorded_at("/api/v1/query_range", "matrix").await;

    prometheus.query_range("up", 1_000_000_000, 2_500_000_000, Duration::from_millis(500)).await.unwrap();

    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.query(), Some("query=up&start=1.000&end=2.500&step=0.5"));
}

#[tokio::test]
async fn warnings_and_remarks_are_kept() {
    let body = r#"{"status":"success","data":[],"warnings":["slow"],"infos":["odd"]}"#;
    let server = answering("/api/v1/series", 200, body).await;

    let answer = Prometheus::new(&server.uri()).unwrap().series("up", 0, 1).await.unwrap();

    assert_eq!((answer.warnings, answer.infos), (vec!["slow".to_owned()], vec!["odd".to_owned()]));
}

#[tokio::test]
async fn label_values_are_listed() {
    let server = answering("/api/v1/label/job/values", 200, r#"{"status":"success","data":["a"]}"#).await;

    let answer = Prometheus::new(&server.uri()).unwrap().label_values("job", "up", 0, 1).await.unwrap();

    assert_eq!(answer.data, ["a"]);
}

#[tokio::test]
async fn metadata_of_a_target_has_type_and_unit() {
    let (_server, prometheus) = recorded_at("/api/v1/targets/metadata", "om-metadata").await;

    let metadata = prometheus.metadata_of("{job=\"om\"}").await.unwrap();

    assert_eq!((metadata["q_seconds"].kind.as_str(), metadata["q_seconds"].unit.as_str()), ("histogram", "seconds"));
    assert_eq!(metadata["c"].kind, "counter");
}

#[tokio::test]
async fn exemplars_come_with_their_series() {
    let (_server, prometheus) = recorded_at("/api/v1/query_exemplars", "exemplars").await;

    let exemplars = prometheus.exemplars("{job=\"om\"}", 0, 1).await.unwrap().data;

    assert_eq!(exemplars.len(), 6);
    assert_eq!(exemplars[0].labels["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4737");
    assert_eq!(exemplars[5].series["__name__"], "q_seconds_bucket");
    assert_eq!(exemplars[5].time, 1_795_523_195_049_000_000);
}

#[tokio::test]
async fn rules_come_with_their_state_and_alerts() {
    let (_server, prometheus) = recorded_at("/api/v1/rules", "rules").await;

    let groups = prometheus.rules().await.unwrap();

    let [alerting, recording] = groups[0].rules.as_slice() else { panic!("{groups:#?}") };
    assert_eq!(
        (alerting.kind.as_str(), alerting.state.as_str(), alerting.health.as_str()),
        ("alerting", "pending", "ok")
    );
    assert_eq!(alerting.hold, 3_600_000_000_000);
    assert_eq!(alerting.alerts[0].annotations["summary"], "other is down");
    assert_eq!((recording.kind.as_str(), recording.state.as_str()), ("recording", ""));
}

#[tokio::test]
async fn alerts_are_listed() {
    let (_server, prometheus) = recorded_at("/api/v1/alerts", "alerts").await;

    let alerts = prometheus.alerts().await.unwrap();

    assert_eq!((alerts[0].state.as_str(), alerts[0].labels["alertname"].as_str()), ("pending", "Down"));
}

#[tokio::test]
async fn the_store_says_how_much_it_holds() {
    let (_server, prometheus) = recorded_at("/api/v1/status/tsdb", "tsdb").await;

    let tsdb = prometheus.tsdb().await.unwrap();

    assert_eq!((tsdb.series, tsdb.oldest_ms), (303, 1_795_522_604_817));
}

#[tokio::test]
async fn not_ready_is_an_error_that_may_pass() {
    let server = answering("/-/ready", 503, "Service Unavailable").await;

    let error = Prometheus::new(&server.uri()).unwrap().ready().await.unwrap_err();

    assert!(error.is_passing());
    assert!(error.to_string().contains("it is not ready or overloaded"), "{error}");
}

#[tokio::test]
async fn a_reload_that_is_not_allowed_says_so() {
    let server = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::method("POST"))
        .respond_with(wiremock::ResponseTemplate::new(403).set_body_string("Lifecycle API is not enabled."))
        .mount(&server)
        .await;

    let error = Prometheus::new(&server.uri()).unwrap().reload().await.unwrap_err();

    assert!(error.to_string().contains("Lifecycle API is not enabled."), "{error}");
}

#[tokio::test]
async fn what_is_no_answer_of_its_api_is_an_error() {
    for (body, told) in [
        ("<html>", "expected value at line 1 column 1, beginning \"<html>\""),
        (r#"{"status":"success"}"#, "it has no `data`"),
        (r#"{"status":"odd","data":[]}"#, "its status is \"odd\""),
    ] {
        let server = answering("/api/v1/series", 200, body).await;

        let error = Prometheus::new(&server.uri()).unwrap().series("up", 0, 1).await.unwrap_err();

        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test]
async fn a_login_page_is_not_followed() {
    let server = answering("/api/v1/rules", 302, "").await;

    let error = Prometheus::new(&server.uri()).unwrap().rules().await.unwrap_err();

    assert!(error.to_string().contains("answered 302, without a body; give the URL it redirects to"), "{error}");
}

#[tokio::test]
async fn nobody_at_the_address_is_told() {
    let url = nowhere().await;

    let error = Prometheus::new(&url).unwrap().version().await.unwrap_err();

    assert!(
        error.to_string().starts_with(&format!("Prometheus, asked at {url}/api/v1/status/buildinfo: nobody")),
        "{error}"
    );
}
