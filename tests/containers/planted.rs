//! What goes wrong between the service and those who look at its telemetry: found, and named.

use crate::Test;
use crate::fixture::Fixture;
use crate::project::Project;

pub(crate) const TESTS: &[Test] = &[
    ("planted::a_trace_lost_before_jaeger_is_named", a_trace_lost_before_jaeger_is_named),
    ("planted::a_scrape_job_with_the_wrong_port_is_named", a_scrape_job_with_the_wrong_port_is_named),
    ("planted::a_panel_whose_data_source_is_not_there_is_named", a_panel_whose_data_source_is_not_there_is_named),
];

fn a_trace_lost_before_jaeger_is_named(fixture: &Fixture) {
    // The request takes longer than the service keeps spans back: a batch is sent while it waits.
    let slow = "model: [{on: chat, delay-ms: 2000}]";
    let lossy = format!("{slow}, collector: [{{on: onward, cut: true, times: 1}}]");
    let project = Project::new()
        .configured(r#"OTEL_BSP_SCHEDULE_DELAY: "30000""#, r#"OTEL_BSP_SCHEDULE_DELAY: "200""#)
        .edited("fixtures/scenarios/rag-service.yaml", |text| text.replacen(slow, &lossy, 1));

    let said = project.run(fixture, &["verify", "--details", "0"]);

    assert_eq!(said.code, Some(1), "{}\n{:#}", said.told, said.report);
    let lost: Vec<_> = said.findings().collect();
    assert!(!lost.is_empty());
    for finding in lost {
        let id = finding["id"].as_str().unwrap();
        assert!(["arrival.trace-missing", "arrival.span-missing"].contains(&id), "{finding:#}");
        assert_eq!(finding["where"]["trace_id"].as_str().map(str::len), Some(32), "{finding:#}");
        let scenario = finding["where"]["scenario"].as_str().unwrap();
        assert!(["model 500", "model slow past its timeout"].contains(&scenario), "{finding:#}");
    }
}

fn a_scrape_job_with_the_wrong_port_is_named(fixture: &Fixture) {
    let project = Project::new().edited("compose/prometheus.yml", |text| text.replace("service:8001", "service:8002"));

    let said = project.run(fixture, &["verify"]);

    said.assert_refused(2, &["compose/prometheus.yml", "has no target `service:8001`", "back-ends.prometheus.target"]);
}

fn a_panel_whose_data_source_is_not_there_is_named(fixture: &Fixture) {
    let project = Project::new().edited("grafana/dashboards/rag-pipeline.json", |text| {
        let (before, panels) = text.split_once(r#""panels""#).unwrap();
        format!(r#"{before}"panels"{}"#, panels.replacen(r#""uid": "${datasource}""#, r#""uid": "promethues""#, 1))
    });

    let said = project.run(fixture, &["verify"]);

    let finding = said.assert_only(&["panel.datasource-unknown"]);
    assert!(finding.to_string().contains("promethues"), "{finding:#}");
}
