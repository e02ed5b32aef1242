//! The arms that `otelgate.yaml` names.

use std::collections::BTreeMap;

use crate::support::{Specimen, overhead, trace_id};

/// How many spans one question leaves in its trace in an arm.
async fn spans_of(arm: &BTreeMap<String, String>) -> usize {
    // `Specimen` gives the endpoint that belongs to the protocol itself.
    let settings: Vec<(&str, &str)> = arm
        .iter()
        .filter(|(name, _)| !["INSTRUMENTATION", "OTEL_EXPORTER_OTLP_ENDPOINT"].contains(&name.as_str()))
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let specimen = Specimen::start(&arm["INSTRUMENTATION"], &settings).await;
    assert_eq!(specimen.ask(1).await.status, 200, "{arm:?}");
    specimen.stop().await.iter().filter(|span| span.trace_id.to_string() == trace_id(1)).count()
}

#[tokio::test]
async fn every_arm_of_the_experiment_delivers_what_its_name_says() {
    let overhead = overhead();

    assert_eq!(spans_of(&overhead.off).await, 0);
    assert_eq!(spans_of(&overhead.on).await, 9);
    for (name, arm) in &overhead.arms {
        let wanted = if name.ends_with("-sampler-off") { 0 } else { 9 };
        assert_eq!(spans_of(arm).await, wanted, "{name}");
    }
    assert_eq!(overhead.arms.len(), 12);
}

#[test]
fn an_arm_that_exports_over_http_is_given_the_endpoint_for_it() {
    for (name, arm) in overhead().arms {
        let over_http = arm.get("OTEL_EXPORTER_OTLP_PROTOCOL").is_some_and(|protocol| protocol == "http/protobuf");
        let endpoint = arm.get("OTEL_EXPORTER_OTLP_ENDPOINT").map(String::as_str);
        assert_eq!(endpoint, over_http.then_some("${collector.http}"), "{name}");
    }
}
