//! How the metrics endpoint is asked.

use otelgate_harness::capture::{Capture, MetricKind};
use otelgate_harness::config;
use otelgate_harness::dashboards::Dashboards;
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::run::{Choices, Live, RunError};
use otelgate_harness::service::ServiceError;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

fn accept(request: &Request) -> &str {
    request.headers.get("accept").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn asks_for_openmetrics(request: &Request) -> bool {
    accept(request).contains("application/openmetrics-text")
}

/// What a run takes from a service whose only endpoint this is.
async fn scraped(endpoint: &MockServer) -> Capture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("otelgate.yaml");
    let yaml = format!(
        "version: 1\nservice:\n  name: a-service\n  command: [sleep, '60']\n  address: {{url: '{}'}}\n  metrics: /metrics\n\
         stack: []\nscenarios: []\ncontracts: [none.yaml]\n",
        endpoint.uri()
    );
    std::fs::write(&path, yaml).unwrap();
    let config = config::read(&path).unwrap();
    let (lifeline, environment) = (Lifeline::none(), |name: &str| std::env::var(name).ok());
    let live = Live::up(&config, &Choices::embedded(&lifeline, &environment), &mut |_| {}).await.unwrap();
    let taken = live.verify(&config, &[], &Dashboards::default(), &mut |_| {}, std::future::pending()).await;
    // The endpoint is not the process that was stopped, and outlives it.
    assert!(matches!(taken.trouble, Some(RunError::Service(ServiceError::PortTaken { .. }))));
    taken.capture
}

#[tokio::test]
async fn an_endpoint_that_has_openmetrics_is_asked_for_it() {
    let endpoint = MockServer::start().await;
    let text = "# TYPE a counter\na_total 1 # {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\"} 1 1.5\n# EOF\n";
    Mock::given(asks_for_openmetrics)
        .respond_with(ResponseTemplate::new(200).set_body_string(text))
        .expect(2)
        .mount(&endpoint)
        .await;

    let capture = scraped(&endpoint).await;

    let family = &capture.scrapes[1].families[0];
    assert_eq!((&*family.name, family.kind), ("a_total", MetricKind::Counter));
    assert_eq!(family.points[0].exemplars.len(), 1);
}

#[tokio::test]
async fn an_endpoint_that_refuses_openmetrics_is_asked_for_text() {
    let endpoint = MockServer::start().await;
    Mock::given(asks_for_openmetrics).respond_with(ResponseTemplate::new(406)).expect(2).mount(&endpoint).await;
    Mock::given(|request: &Request| accept(request) == "text/plain")
        .respond_with(ResponseTemplate::new(200).set_body_string("# TYPE a_total counter\na_total 1\n"))
        .expect(2)
        .mount(&endpoint)
        .await;

    let capture = scraped(&endpoint).await;

    assert_eq!(&*capture.scrapes[1].families[0].name, "a_total");
}
