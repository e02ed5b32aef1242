//! `otelgate alerts`: every alert of `compose/alerts.yml` fires for its fault, and one that cannot, or need not, is found.

use std::fmt::Write as _;

use crate::Test;
use crate::fixture::Fixture;
use crate::project::Project;

pub(crate) const TESTS: &[Test] = &[
    (
        "alerts::every_alert_fires_for_its_fault_and_none_when_all_is_well",
        every_alert_fires_for_its_fault_and_none_when_all_is_well,
    ),
    (
        "alerts::a_threshold_that_cannot_be_met_is_found_with_what_was_reached",
        a_threshold_that_cannot_be_met_is_found_with_what_was_reached,
    ),
    ("alerts::an_alert_that_fires_when_all_is_well_is_found", an_alert_that_fires_when_all_is_well_is_found),
    ("alerts::a_rule_that_does_not_parse_is_told_with_its_place", a_rule_that_does_not_parse_is_told_with_its_place),
];

const RULES: &str = "compose/alerts.yml";

const PROOFS: &str = "fixtures/alerts/rag-service.yaml";

fn every_alert_fires_for_its_fault_and_none_when_all_is_well(fixture: &Fixture) {
    let said = Project::new().run(fixture, &["alerts"]);

    assert_eq!(said.code, Some(0), "{}\n{:#}", said.told, said.report);
    let trial = said.report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "alert_trial").unwrap();
    assert_eq!(trial["examined"], 6, "{trial:#}");
}

/// A project with one alert, some of its expression replaced, and its proof alone.
fn with_one_alert(alert: &str, replaced: (&str, &str), proof: &[(&str, &str)]) -> Project {
    let rules = |text: &str| {
        let mut parts = text.split("\n\n");
        let head = parts.next().unwrap();
        let rule = parts.find(|part| part.contains(&format!("- alert: {alert}\n"))).unwrap();
        assert!(rule.contains(replaced.0), "{rule}");
        format!("{head}\n\n{}\n", rule.replace(replaced.0, replaced.1))
    };
    let proofs = |text: &str| {
        let (head, _) = text.split_once("proofs:\n").unwrap();
        let mut only = format!("{head}proofs:\n- alert: {alert}\n");
        for (key, value) in proof {
            writeln!(only, "  {key}: {value}").unwrap();
        }
        only
    };
    Project::new().edited(RULES, rules).edited(PROOFS, proofs)
}

fn a_threshold_that_cannot_be_met_is_found_with_what_was_reached(fixture: &Fixture) {
    // No ratio is above 5. It has twice the time that the real alert takes.
    let project = with_one_alert(
        "RagQueryErrorsHigh",
        ("> 0.05", "> 5"),
        &[("drive", "questions while the model fails"), ("within-ms", "14000")],
    );

    let said = project.run(fixture, &["alerts"]);

    let silent = said.assert_only(&["alert.silent"]);
    assert_eq!(silent["subject"], "RagQueryErrorsHigh");
    let found = silent["found"].as_str().unwrap();
    let (_, reached) = found.split_once("what it compares was ").unwrap_or_else(|| panic!("{silent:#}"));
    let reached: f64 = reached.parse().unwrap_or_else(|_| panic!("{silent:#}"));
    assert!(reached > 0.05 && reached <= 5.0, "the fault was there, and {reached} is what it came to");
}

fn an_alert_that_fires_when_all_is_well_is_found(fixture: &Fixture) {
    let project = with_one_alert(
        "RagQueryLatencyHigh",
        ("> 0.25", "> 0.0001"),
        &[("drive", "questions while the model is slow")],
    );

    let said = project.run(fixture, &["alerts"]);

    let alarm = said.assert_only(&["alert.false-alarm"]);
    assert_eq!(alarm["subject"], "RagQueryLatencyHigh");
    assert!(alarm["message"].as_str().unwrap().contains("The p95 latency of a query is"), "{alarm:#}");
}

fn a_rule_that_does_not_parse_is_told_with_its_place(fixture: &Fixture) {
    let project = Project::new().edited(RULES, |text| text.replacen("sum by (job) (rate(", "sum by (job (rate(", 1));

    let said = project.run(fixture, &["alerts"]);

    said.assert_refused(3, &["prometheus ended before it was ready", "alerts.yml", "RagQueryErrorsHigh", "next: "]);
}
