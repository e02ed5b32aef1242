//! `compose/alerts.yml`: every alert can be acted on, and `compose/alerts.test.yml` proves each of them.
//! That the proofs hold is promtool's to say (`ci/compose`).

use std::fs;

use serde_json::Value;

use crate::support::{root, yaml};

fn alerts() -> Vec<Value> {
    let groups = yaml("compose/alerts.yml")["groups"].as_array().unwrap().clone();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

fn name(alert: &Value) -> &str {
    alert["alert"].as_str().unwrap()
}

#[test]
fn every_alert_says_what_happened_how_bad_it_is_and_what_to_do() {
    let runbooks = fs::read_to_string(root().join("docs/RUNBOOKS.md")).unwrap();

    for alert in alerts() {
        let name = name(&alert);
        for annotation in ["summary", "description"] {
            assert!(alert["annotations"][annotation].is_string(), "{name}: no {annotation}");
        }
        assert!(matches!(alert["labels"]["severity"].as_str(), Some("warning" | "critical")), "{name}: no severity");
        let runbook = alert["annotations"]["runbook_url"].as_str().unwrap_or_default();
        assert!(runbook.ends_with(&format!("/docs/RUNBOOKS.md#{}", name.to_lowercase())), "{name}: {runbook}");
        assert!(runbooks.contains(&format!("\n## {name}\n")), "docs/RUNBOOKS.md has no section {name}");
    }
}

#[test]
fn no_alert_fires_at_once() {
    for alert in alerts() {
        assert!(alert["for"].is_string(), "{}: fires at the first sample", name(&alert));
    }
}

#[test]
fn every_alert_is_proven_to_fire_and_to_stay_silent() {
    let tests = yaml("compose/alerts.test.yml")["tests"].as_array().unwrap().clone();
    let judged: Vec<&Value> =
        tests.iter().flat_map(|test| test["alert_rule_test"].as_array().into_iter().flatten()).collect();
    let counted = |name: &str| {
        tests
            .iter()
            .flat_map(|test| test["promql_expr_test"].as_array().into_iter().flatten())
            .filter(|test| test["expr"].as_str().unwrap().contains(name))
            .filter(|test| test["exp_samples"].as_array().is_some_and(Vec::is_empty))
            .count()
    };

    for alert in alerts() {
        let name = name(&alert);
        let of_this = || judged.iter().filter(|test| test["alertname"] == name);
        let fires = of_this().filter(|test| !test["exp_alerts"].as_array().unwrap().is_empty()).count();
        let silent = of_this().count() - fires + counted(name);
        assert!(fires > 0, "{name}: no test makes it fire");
        assert!(silent > 1, "{name}: {silent} tests keep it silent, wanted its edge and no traffic");
    }
}

#[test]
fn windows_can_be_shortened_by_one_factor() {
    for alert in alerts() {
        let expression = alert["expr"].as_str().unwrap();
        for amount in ["increase(", "delta(", "changes(", "offset", "sum_over_time(", "count_over_time("] {
            assert!(!expression.contains(amount), "{}: {amount} is an amount within a window", name(&alert));
        }
    }
}
