//! OTLP over gRPC and over HTTP: the same telemetry arrives, whichever way it takes.

use otelgate_harness::scenario::Loaded;

use super::Tier;
use super::cell::all_scenarios;
use super::same::assert_same;

/// Enough to have every kind of span, an error of each side, and a stream; and no secret in a question, which would be
/// another one in each run, with other scores.
const SCENARIOS: [&str; 7] = [
    "ingest the corpus",
    "embedding-cached query",
    "cached query",
    "streamed query",
    "embedding 500",
    "model 500",
    "unknown route",
];

fn some_scenarios() -> Vec<Loaded> {
    let chosen: Vec<Loaded> =
        all_scenarios().into_iter().filter(|loaded| SCENARIOS.contains(&loaded.scenario.scenario.as_str())).collect();
    assert_eq!(chosen.len(), SCENARIOS.len());
    chosen
}

/// In spans and in logs.
pub(crate) async fn both_ways_carry_the_same(by_grpc: &Tier, by_http: &Tier) {
    let scenarios = some_scenarios();

    let grpc = by_grpc.drive(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")], &scenarios).await;
    let http = by_http
        .drive(
            &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "${collector.http}")],
            &scenarios,
        )
        .await;

    assert_same(&grpc.capture, &http.capture, &[]);
}

#[tokio::test]
async fn grpc_and_http_carry_the_same_embedded() {
    both_ways_carry_the_same(&Tier::default(), &Tier::default()).await;
}
