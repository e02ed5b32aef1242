//! Rules of Prometheus.

use otelgate_harness::dashboards::{Dashboards, Judged, Options, judge, parse_rules};
use serde_json::json;

use super::{assert_one, assert_silent, one_query, together, truth};

fn of_rules(rules: &serde_json::Value, panel: Option<&str>) -> Judged {
    let text = json!({"groups": [{"name": "g", "rules": rules}]}).to_string();
    let panels: Vec<_> = panel.into_iter().map(one_query).collect();
    let dashboards = Dashboards { rules: vec![parse_rules(&text, "rules.yml").unwrap()], ..together(&panels) };
    judge(&dashboards, &truth(), Options { all_happened: true })
}

fn alert(expr: &str) -> Judged {
    of_rules(&json!([{"alert": "Bad", "expr": expr}]), None)
}

#[test]
fn a_rule_that_can_never_fire_is_found() {
    for (expr, id, part) in [
        ("rate(errors[5m]) > 1", "rule.metric-missing", "nearest: errors_total"),
        ("rate(errors_total{phase=\"llm\"}[5m]) > 1", "rule.label-missing", "it has stage"),
        ("rate(errors_total{stage=\"LLM\"}[5m]) > 1", "rule.label-value", "write `llm`"),
        ("rate(queue_length[5m]) > 1", "rule.query", "is a gauge"),
        ("histogram_quantile(0.9, sum(rate(latency_seconds_bucket[5m]))) > 1", "rule.query", "`le`"),
        ("rate(errors_total[5m]) / rate(requests_total[5m]) > 1", "rule.query", "the result is empty"),
        ("rate(errors_total[5m] > 1", "rule.query", "no PromQL"),
    ] {
        assert_one(&alert(expr), id, &[part, "g / Bad"]);
    }
    for expr in [
        "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m])) > 0.1",
        "up{job=\"x\"} == 0",
        "absent(up{job=\"x\"})",
        "histogram_quantile(0.9, sum by (le) (rate(latency_seconds_bucket[5m]))) > 1",
        "errors_total > 0",
    ] {
        assert_silent(&alert(expr), expr);
    }
}

#[test]
fn a_label_named_in_an_alerts_text_must_be_there() {
    let with_text = |text: &str| {
        of_rules(
            &json!([{"alert": "Bad", "expr": "sum by (stage) (rate(errors_total[5m])) > 1", "annotations": {"summary": text}}]),
            None,
        )
    };

    assert_one(&with_text("{{ $labels.route }} fails"), "rule.label-missing", &["`route`", "the result has stage"]);
    assert_silent(&with_text("{{ $labels.stage }} fails {{ $value }}"), "it is there");
}

#[test]
fn what_a_rule_records_is_a_metric() {
    let recording = json!([
        {"alert": "Bad", "expr": "job:errors:rate5m{stage=\"llm\", level=\"x\"} > 1"},
        {"record": "job:errors:rate5m", "expr": "sum by (stage) (rate(errors_total[5m]))", "labels": {"level": "x"}}
    ]);

    assert_silent(&of_rules(&recording, Some("sum by (stage, level) (job:errors:rate5m)")), "it is recorded");
    assert_one(
        &of_rules(&recording, Some("sum by (route) (job:errors:rate5m)")),
        "panel.label-missing",
        &["it has level, stage"],
    );
    assert_one(
        &of_rules(&recording, Some("job:errors:rate1m")),
        "panel.metric-missing",
        &["nearest: job:errors:rate5m"],
    );
}

#[test]
fn a_rule_file_that_is_none_is_answered_with_its_place() {
    for (text, part) in [
        ("groups: [", "rules.yml:1"),
        ("rules: []", "no list `groups`"),
        ("groups: [{name: g, rules: [{expr: up}]}]", "group `g`, rule 1: give it either `alert` or `record`"),
        ("groups: [{name: g, rules: [{alert: a, record: b, expr: up}]}]", "give it either"),
    ] {
        let trouble = parse_rules(text, "rules.yml").unwrap_err();
        let told = format!("{}: {}", trouble.place, trouble.message);
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn rules_of_kubernetes_are_read_too() {
    let text = "kind: PrometheusRule\nspec:\n  groups:\n  - name: g\n    rules: [{alert: A, expr: up == 0}]\n";

    assert_eq!(parse_rules(text, "rules.yml").unwrap().rules[0].name, "A");
}
