//! Waiting for what was sent, and asking for this run's alone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otelgate_harness::backends::{Jaeger, Prometheus};
use otelgate_harness::capture::arrived::{StoredMetrics, StoredTarget};
use otelgate_harness::capture::otlp::json;
use otelgate_harness::capture::{Capture, Exchange, Interner, Run, Scrape, Span};
use otelgate_harness::run::Arrival;
use wiremock::matchers::{method, path, path_regex, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{answer, nowhere, recorded};

const RUN: &str = "95fb16d3ef0e4c7bb0fdd73b1fe74984";
const ADDRESS: &str = "127.0.0.1:45361";

/// When the recorded Prometheus had not scraped for the last time yet.
const BEFORE_THE_LAST: u64 = 1_795_522_607_000_000_000;

/// A moment after its last scrape, by its clock.
const AFTER_THE_LAST: u64 = 1_795_522_607_900_000_000;

/// Patience of tests in which nothing is to come.
const SHORT: Duration = Duration::from_millis(250);

/// The recorded Prometheus. Its clock stands still, far from ours: everything has to be told by the difference.
async fn prometheus() -> MockServer {
    let server = MockServer::start().await;
    for (at, name) in [
        ("status/runtimeinfo", "runtimeinfo"),
        ("targets", "targets"),
        ("rules", "rules"),
        ("query_exemplars", "exemplars"),
        ("targets/metadata", "om-metadata"),
    ] {
        answer(&server, &format!("/api/v1/{at}"), 200, &recorded(&format!("prometheus/{name}.json"))).await;
    }
    // Of the range selectors, the recording has all series.
    Mock::given(path("/api/v1/query"))
        .respond_with(|request: &Request| {
            let query =
                request.url.query_pairs().find(|(name, _)| name == "query").map(|(_, query)| query.into_owned());
            let name = match query.as_deref() {
                Some(query) if query.starts_with("target_info{") && !query.contains(RUN) => {
                    return ResponseTemplate::new(200)
                        .set_body_string(r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#);
                }
                Some(query) if query.ends_with(']') => "matrix",
                _ => "info",
            };
            ResponseTemplate::new(200).set_body_string(recorded(&format!("prometheus/{name}.json")))
        })
        .mount(&server)
        .await;
    server
}

/// A run that asked the service for the last time at a moment of the recorded clock.
fn run(id: &str, until: u64) -> Capture {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let ours = u64::try_from(now.as_nanos()).unwrap();
    // The recorded clock says 12:16:47.936970593.
    let time = ours - 1_795_522_607_936_970_593 + until;
    Capture {
        run: Run { id: id.to_owned(), service: "rag-service".to_owned(), ..Run::default() },
        scrapes: vec![Scrape { time, ..Scrape::default() }],
        exchanges: vec![Exchange { start: time - 1, end: time, ..Exchange::default() }],
        ..Capture::default()
    }
}

async fn metrics(server: &MockServer, capture: &Capture) -> StoredMetrics {
    let prometheus = Prometheus::new(&server.uri()).unwrap();
    let arrival = Arrival::new().with_prometheus(prometheus, ADDRESS).with_patience(SHORT);
    arrival.metrics(capture).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_run_s_own_target_is_found_by_its_id_and_asked_alone() {
    let server = prometheus().await;

    let metrics = metrics(&server, &run(RUN, BEFORE_THE_LAST)).await;

    assert_eq!(metrics.targets.len(), 1, "{:#?}", metrics.targets);
    assert_eq!((metrics.target, metrics.targets[0].instance()), (Some(0), ADDRESS));
    assert!(metrics.series.iter().any(|series| series.name() == "rag_query_errors_total"));
    assert_eq!((metrics.exemplars.len(), metrics.rules.len(), metrics.metadata.len()), (6, 1, 3));
    // From just before the run's own first sample.
    assert_eq!(metrics.from, 1_795_522_604_816_000_000);
    let asked: Vec<String> = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .flat_map(|request| request.url.query_pairs().into_owned().map(|(_, value)| value).collect::<Vec<_>>())
        .filter(|query| query.starts_with('{') && query.ends_with(']'))
        .collect();
    assert_eq!(asked, [format!("{{job=\"rag-service\",instance=\"{ADDRESS}\"}}[3120ms]")]);
}

#[tokio::test]
async fn without_an_id_the_target_at_the_address_is_the_run_s() {
    let server = prometheus().await;

    let metrics = metrics(&server, &run("of a service that marks nothing", BEFORE_THE_LAST)).await;

    assert_eq!((metrics.target, metrics.targets[0].instance()), (Some(0), ADDRESS));
}

#[tokio::test]
async fn another_clock_is_measured() {
    let server = prometheus().await;

    let capture = run(RUN, BEFORE_THE_LAST);
    let metrics = metrics(&server, &capture).await;

    let last = i128::from(capture.scrapes[0].time) + i128::from(metrics.clock_ahead);
    let apart = (last - i128::from(BEFORE_THE_LAST)).abs();
    assert!(apart < 10_000_000_000, "{apart} ns: the difference of the clocks, and how long the test took");
}

#[tokio::test]
async fn a_scrape_that_never_comes_ends_the_waiting_and_is_left_to_the_checks() {
    let server = prometheus().await;

    let metrics = metrics(&server, &run(RUN, AFTER_THE_LAST + 10_000_000_000)).await;

    assert_eq!(metrics.target, Some(0));
    let last = metrics.series.iter().filter_map(|series| series.samples.last()).map(|sample| sample.time).max();
    assert!(last < Some(AFTER_THE_LAST));
}

#[tokio::test]
async fn a_run_that_no_target_is_of_gets_the_candidates() {
    let server = prometheus().await;
    let prometheus = Prometheus::new(&server.uri()).unwrap();
    let arrival = Arrival::new().with_prometheus(prometheus, "127.0.0.1:9").with_patience(SHORT);

    let metrics = arrival.metrics(&run("another", BEFORE_THE_LAST)).await.unwrap().unwrap();

    assert_eq!((metrics.target, metrics.address.as_str()), (None, "127.0.0.1:9"));
    assert_eq!(metrics.targets.iter().map(StoredTarget::job).collect::<Vec<_>>(), ["rag-service"]);
    assert!(metrics.series.is_empty());
}

#[tokio::test]
async fn a_prometheus_that_does_not_answer_is_an_error_once_the_time_is_over() {
    let arrival =
        Arrival::new().with_prometheus(Prometheus::new(&nowhere().await).unwrap(), ADDRESS).with_patience(SHORT);

    let error = arrival.metrics(&run(RUN, BEFORE_THE_LAST)).await.unwrap_err();

    assert!(error.is_passing(), "{error}");
}

/// The recorded trace, as if a run had sent it.
fn sent() -> Capture {
    let text: serde_json::Value = serde_json::from_str(&recorded("jaeger/trace.json")).unwrap();
    let otlp = text["result"].to_string();
    let spans = json::read(&otlp, &mut Interner::default()).unwrap().spans;
    let id = spans[0].origin.resource.attributes.str("otelgate.run.id").unwrap().to_owned();
    Capture { run: Run { id, service: "rag-service".to_owned(), ..Run::default() }, spans, ..Capture::default() }
}

async fn no_others(server: &MockServer) {
    answer(server, "/api/traces", 200, r#"{"data":[]}"#).await;
}

async fn traces(server: &MockServer, capture: &Capture) -> Vec<Span> {
    let jaeger = Jaeger::new(&server.uri()).unwrap();
    Arrival::new().with_jaeger(jaeger).with_patience(SHORT).traces(capture).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_trace_is_waited_for_until_it_is_whole() {
    let server = MockServer::start().await;
    no_others(&server).await;
    let capture = sent();
    let whole = recorded("jaeger/trace.json");
    let looks = AtomicUsize::new(0);
    Mock::given(path_regex("^/api/v3/traces/"))
        .respond_with(move |_: &Request| match looks.fetch_add(1, Ordering::Relaxed) {
            0 => {
                ResponseTemplate::new(404).set_body_string(r#"{"error":{"httpCode":404,"message":"No traces found"}}"#)
            }
            1 => ResponseTemplate::new(503),
            _ => ResponseTemplate::new(200).set_body_string(whole.as_str()),
        })
        .mount(&server)
        .await;

    let spans = Arrival::new()
        .with_jaeger(Jaeger::new(&server.uri()).unwrap())
        .with_patience(Duration::from_mins(1))
        .traces(&capture)
        .await
        .unwrap()
        .unwrap();

    assert_eq!(spans, capture.spans);
}

#[tokio::test]
async fn what_does_not_come_in_time_is_left_to_the_checks() {
    let server = MockServer::start().await;
    no_others(&server).await;
    Mock::given(path_regex("^/api/v3/traces/"))
        .respond_with(
            ResponseTemplate::new(404).set_body_string(r#"{"error":{"httpCode":404,"message":"No traces found"}}"#),
        )
        .mount(&server)
        .await;

    assert_eq!(traces(&server, &sent()).await, []);
}

#[tokio::test]
async fn traces_of_the_run_that_the_receiver_never_saw_are_asked_for() {
    let server = MockServer::start().await;
    let capture = sent();
    let other = "ab".repeat(16);
    let run = capture.run.id.clone();
    Mock::given(method("GET"))
        .and(path("/api/traces"))
        .and(query_param("service", "rag-service"))
        .and(query_param("tags", format!("{{\"otelgate.run.id\":\"{run}\"}}")))
        .respond_with(ResponseTemplate::new(200).set_body_string(format!(r#"{{"data":[{{"traceID":"{other}"}}]}}"#)))
        .mount(&server)
        .await;
    let known = capture.spans[0].trace_id.to_string();
    answer(&server, &format!("/api/v3/traces/{known}"), 200, &recorded("jaeger/trace.json")).await;
    let extra = recorded("jaeger/trace.json").replace(&known, &other);
    answer(&server, &format!("/api/v3/traces/{other}"), 200, &extra).await;

    let spans = traces(&server, &capture).await;

    assert_eq!(spans.iter().filter(|span| span.trace_id.to_string() == other).count(), 8);
    assert_eq!(spans.len(), 16);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_an_error_at_once() {
    let server = MockServer::start().await;
    Mock::given(path_regex("^/api/v3/traces/"))
        .respond_with(ResponseTemplate::new(200).set_body_string("<html>"))
        .mount(&server)
        .await;
    let arrival =
        Arrival::new().with_jaeger(Jaeger::new(&server.uri()).unwrap()).with_patience(Duration::from_mins(10));

    let error = arrival.traces(&sent()).await.unwrap_err();

    assert!(error.to_string().contains("the answer cannot be read"), "{error}");
}

#[tokio::test]
async fn where_there_is_nobody_to_ask_there_is_no_answer() {
    let arrival = Arrival::new();

    assert_eq!(arrival.metrics(&Capture::default()).await.unwrap(), None);
    assert_eq!(arrival.traces(&Capture::default()).await.unwrap(), None);
}
