//! Metrics, labels and values that never existed.

use otelgate_harness::dashboards::{MayBeEmpty, Options, judge};
use otelgate_harness::finding::Level;

use super::{assert_one, assert_silent, judged, judged_expr, one_query, together, truth};

#[test]
fn a_metric_that_never_existed_is_named_with_the_nearest() {
    for (wrong, nearest) in [
        ("rate(errors[5m])", "nearest: errors_total"),
        ("rate(request_total[5m])", "nearest: requests_total"),
        ("histogram_quantile(0.9, sum by (le) (rate(latency_bucket[5m])))", "latency_seconds_bucket"),
        ("rate(latency_milliseconds_sum[5m])", "latency_seconds_sum"),
        ("rate(errors_seconds_total[5m])", "errors_total"),
        ("rate(latency_seconds[5m])", "latency_seconds_bucket"),
        ("{__name__=\"errors\"}", "errors_total"),
    ] {
        assert_one(&judged_expr(wrong), "panel.metric-missing", &[nearest, "never existed"]);
    }
    assert_silent(&judged_expr("rate(errors_total[5m])"), "it exists");
}

#[test]
fn every_part_of_a_histogram_and_what_prometheus_makes_itself_exists() {
    for expr in [
        "rate(latency_seconds_bucket[5m])",
        "rate(latency_seconds_sum[5m])",
        "rate(latency_seconds_count[5m])",
        "rate(sizes_sum[5m])",
        "sizes{quantile=\"0.5\"}",
        "up{job=\"x\"}",
        "scrape_duration_seconds",
        "ALERTS{alertstate=\"firing\"}",
        "count({__name__=~\".*_total\"})",
        "absent(queue_length{queue=\"in\"})",
    ] {
        assert_silent(&judged_expr(expr), expr);
    }
}

#[test]
fn a_pattern_that_no_name_fits_is_found() {
    assert_one(&judged_expr("{__name__=~\"rag_.*\"}"), "panel.metric-missing", &["rag_.*"]);
}

#[test]
fn a_metric_missing_in_a_panel_is_told_once_for_each_query() {
    let judged = judged_expr("rate(errors[5m]) / rate(errors[5m])");

    assert_one(&judged, "panel.metric-missing", &["d / P / A / errors"]);
}

#[test]
fn a_label_that_never_existed_is_named_with_those_that_do() {
    for wrong in [
        "rate(errors_total{phase=\"llm\"}[5m])",
        "rate(errors_total{phase=~\"llm|cache\"}[5m])",
        "sum by (phase) (rate(errors_total[5m]))",
        "count by (phase) (errors_total)",
    ] {
        assert_one(&judged_expr(wrong), "panel.label-missing", &["`phase` never existed on it", "it has stage"]);
    }
    for right in [
        "rate(errors_total{stage=\"llm\"}[5m])",
        "sum by (stage) (rate(errors_total[5m]))",
        // These fit series without the label.
        "rate(errors_total{phase!=\"llm\"}[5m])",
        "rate(errors_total{phase=~\".*\"}[5m])",
        "rate(errors_total{phase=\"\"}[5m])",
        "sum without (phase, instance) (rate(errors_total[5m]))",
    ] {
        assert_silent(&judged_expr(right), right);
    }
}

#[test]
fn labels_that_only_prometheus_adds_are_not_judged_by_a_scrape() {
    for expr in [
        "rate(errors_total{job=\"x\",instance=~\"$\",namespace=\"prod\"}[5m])",
        "sum by (job, pod) (rate(errors_total[5m]))",
        "sum by (instance) (rate(hits_total[5m])) / sum by (instance) (rate(misses_total[5m]))",
        "rate(errors_total[5m]) / on (instance) group_left () queue_length",
    ] {
        assert_silent(&judged_expr(expr), expr);
    }
}

#[test]
fn a_label_aggregated_away_inside_is_told_as_such() {
    let judged = judged_expr("max by (route) (sum by (method) (rate(requests_total[5m])))");

    assert_one(&judged, "panel.label-missing", &["aggregated away", "it has method"]);
}

#[test]
fn a_value_that_was_never_seen_is_named_with_those_that_were() {
    for wrong in [
        "rate(errors_total{stage=\"retrieval\"}[5m])",
        "rate(errors_total{stage=~\"retrieval|rerank\"}[5m])",
        "rate(requests_total{status=~\"4..\"}[5m])",
    ] {
        assert_one(&judged_expr(wrong), "panel.label-value", &["it has "]);
    }
    for right in [
        "rate(errors_total{stage=\"llm\"}[5m])",
        "rate(errors_total{stage=~\"llm|rerank\"}[5m])",
        "rate(requests_total{status=~\"5..\"}[5m])",
        "rate(errors_total{stage!=\"retrieval\"}[5m])",
        "rate(latency_seconds_bucket{le=\"1.0\"}[5m])",
        "rate(latency_seconds_bucket{le=\"+Inf\"}[5m])",
    ] {
        assert_silent(&judged_expr(right), right);
    }
}

#[test]
fn without_scenarios_an_unseen_value_is_worth_knowing_and_a_misspelt_one_is_wrong() {
    let level = |expr: &str| {
        let judged = judge(&together(&[one_query(expr)]), &truth(), Options::default());
        judged.findings.iter().map(|finding| (finding.id, finding.level)).collect::<Vec<_>>()
    };

    assert_eq!(level("rate(errors_total{stage=\"retrieval\"}[5m])"), [("panel.label-value", Level::Information)]);
    assert_eq!(level("rate(errors_total{stage=\"LLM\"}[5m])"), [("panel.label-value", Level::Violation)]);
    assert_eq!(level("rate(errors_total{stage=\"cache_read\"}[5m])"), [("panel.label-value", Level::Violation)]);
}

#[test]
fn values_that_never_come_together_are_found() {
    let judged = judged_expr("rate(requests_total{method=\"GET\", status=\"503\"}[5m])");

    assert_one(&judged, "panel.label-value", &["no series has all of them", "method=\"GET\", status=\"503\""]);
}

#[test]
fn sides_of_an_operator_that_never_meet_are_found() {
    for wrong in [
        "sum by (stage) (rate(errors_total[5m])) / sum(rate(requests_total[5m]))",
        "rate(errors_total[5m]) / rate(requests_total[5m])",
        "rate(requests_total{method=\"GET\"}[5m]) / rate(requests_total{method=\"POST\"}[5m])",
        "rate(requests_total[5m]) and rate(errors_total[5m])",
    ] {
        assert_one(&judged_expr(wrong), "panel.never-matches", &["the result is empty"]);
    }
    for right in [
        "sum(rate(errors_total[5m])) / sum(rate(requests_total[5m]))",
        "sum by (stage) (rate(errors_total[5m])) / ignoring (stage) group_left () sum(rate(requests_total[5m]))",
        "sum by (stage) (rate(errors_total[5m])) / on () group_left () sum(rate(requests_total[5m]))",
        "sum by (stage) (rate(errors_total[5m])) / scalar(sum(rate(requests_total[5m])))",
        "rate(hits_total[5m]) / (rate(hits_total[5m]) + rate(misses_total[5m]))",
        "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])",
        "queue_length * on (instance) group_left (version) build_info",
        "queue_length > 3 or errors_total",
        "queue_length unless errors_total",
        "label_replace(queue_length, \"stage\", \"$1\", \"queue\", \"(.*)\") + on (stage) rate(errors_total[5m])",
    ] {
        let judged = judged_expr(right);
        let found: Vec<&str> =
            judged.findings.iter().map(|finding| finding.id).filter(|id| *id != "panel.raw-counter").collect();
        assert!(found.is_empty(), "{right}: {found:?}");
    }
}

#[test]
fn a_panel_that_may_be_empty_may_select_what_was_never_seen() {
    let entry = |panel: &str| MayBeEmpty {
        dashboard: "d".to_owned(),
        panel: panel.to_owned(),
        query: None,
        because: "nothing fails".to_owned(),
    };
    let mut dashboards = together(&[one_query("rate(errors_total{stage=\"retrieval\"}[5m])")]);
    dashboards.may_be_empty = vec![entry("P")];

    let judged = judge(&dashboards, &truth(), Options { all_happened: true });

    assert_silent(&judged, "it may be empty");

    dashboards.may_be_empty = vec![entry("P"), entry("Q")];

    let judged = judge(&dashboards, &truth(), Options { all_happened: true });

    assert_one(&judged, "panel.may-be-empty-stale", &["Q", "nothing fails"]);
}

#[test]
fn a_panel_that_may_be_empty_still_needs_its_metric() {
    let mut dashboards = together(&[one_query("rate(errors[5m])")]);
    dashboards.may_be_empty =
        vec![MayBeEmpty { dashboard: "d".to_owned(), panel: "P".to_owned(), query: None, because: "x".to_owned() }];

    let judged = judge(&dashboards, &truth(), Options { all_happened: true });

    assert_one(&judged, "panel.metric-missing", &["errors_total"]);
}

#[test]
fn a_hidden_query_is_judged_and_does_not_turn_the_verdict_red() {
    let mut dashboard = one_query("rate(errors[5m])");
    dashboard["panels"][0]["targets"][0]["hide"] = true.into();

    let finding = assert_one(&judged(&dashboard), "panel.metric-missing", &[]);

    assert_eq!(finding.level, Level::Improvement);
}
