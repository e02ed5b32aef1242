//! Expressions that make no sense whatever the metrics.

use otelgate_harness::dashboards::{Options, Provisioning, judge};
use otelgate_harness::finding::Level;
use serde_json::json;

use super::{assert_one, assert_silent, judged, judged_expr, one_query, together, truth};

#[test]
fn a_rate_of_a_gauge_is_found() {
    for function in ["rate", "irate", "increase"] {
        assert_one(
            &judged_expr(&format!("{function}(queue_length[5m])")),
            "panel.rate-on-gauge",
            &[function, "`queue_length` is a gauge"],
        );
    }
    for right in [
        "deriv(queue_length[5m])",
        "delta(queue_length[5m])",
        "queue_length",
        "rate(requests_total[5m])",
        "rate(sizes_count[5m])",
    ] {
        assert_silent(&judged_expr(right), right);
    }
}

#[test]
fn a_raw_counter_in_a_graph_is_remarked() {
    let finding =
        assert_one(&judged_expr("sum by (stage) (errors_total)"), "panel.raw-counter", &["`errors_total` only grows"]);

    assert_eq!(finding.level, Level::Improvement);
    for right in [
        "increase(errors_total[1h])",
        "count(errors_total)",
        "changes(errors_total[5m])",
        "max_over_time(rate(errors_total[5m])[1h:1m])",
    ] {
        assert_silent(&judged_expr(right), right);
    }
    let mut stat = one_query("sum(errors_total)");
    stat["panels"][0]["type"] = "stat".into();
    assert_silent(&judged(&stat), "a single number may be a total");
}

#[test]
fn a_quantile_whose_bounds_are_gone_is_found() {
    for wrong in [
        "histogram_quantile(0.95, sum(rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.95, sum by (route) (rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.95, sum without (le) (rate(latency_seconds_bucket[5m])))",
    ] {
        assert_one(&judged_expr(wrong), "panel.quantile-without-le", &["`le`"]);
    }
    for right in [
        "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.95, sum by (le, route) (rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.95, sum without (route) (rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.95, rate(latency_seconds_bucket[5m]))",
        "max(histogram_quantile(0.95, rate(latency_seconds_bucket[5m])))",
    ] {
        assert_silent(&judged_expr(right), right);
    }
}

#[test]
fn a_quantile_of_what_has_no_buckets_is_found() {
    for (wrong, part) in [
        ("histogram_quantile(0.95, sum by (le) (rate(latency_seconds_sum[5m])))", "nearest: latency_seconds_bucket"),
        ("histogram_quantile(0.95, rate(latency_seconds_count[5m]))", "nearest: latency_seconds_bucket"),
        ("histogram_quantile(0.95, rate(requests_total[5m]))", "a counter"),
        ("histogram_quantile(0.95, sizes)", "a summary"),
    ] {
        assert_one(&judged_expr(wrong), "panel.quantile-not-buckets", &[part]);
    }
}

#[test]
fn a_quantile_of_raw_buckets_is_remarked() {
    let finding = assert_one(
        &judged_expr("histogram_quantile(0.95, sum by (le) (latency_seconds_bucket))"),
        "panel.quantile-without-rate",
        &["since the service started"],
    );

    assert_eq!(finding.level, Level::Improvement);
}

#[test]
fn a_quantile_above_the_highest_bucket_is_found() {
    let judged = judged_expr("histogram_quantile(0.95, sum by (le) (rate(slow_seconds_bucket[5m])))");

    assert_one(&judged, "panel.quantile-clamped", &["shown as 5", "20 of 100 are above 5"]);
    for right in [
        "histogram_quantile(0.5, sum by (le) (rate(slow_seconds_bucket[5m])))",
        "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))",
        "histogram_quantile(0.99, sum by (le) (rate(latency_seconds_bucket[5m])))",
    ] {
        assert_silent(&judged_expr(right), right);
    }
}

#[test]
fn a_range_shorter_than_its_scrapes_is_found_where_the_interval_is_known() {
    let with_interval = |expr: &str| {
        let mut dashboards = together(&[one_query(expr)]);
        let source = otelgate_harness::dashboards::DataSource {
            uid: "p".to_owned(),
            kind: "prometheus".to_owned(),
            default: true,
            interval: Some(std::time::Duration::from_secs(15)),
            ..Default::default()
        };
        dashboards.provisioning = Some(Provisioning { sources: vec![source], providers: Vec::new() });
        judge(&dashboards, &truth(), Options { all_happened: true })
    };

    let finding = assert_one(&with_interval("rate(errors_total[15s])"), "panel.range-short", &["at least 1m", "15s"]);
    assert_eq!(finding.level, Level::Violation);
    let finding = assert_one(&with_interval("rate(errors_total[45s])"), "panel.range-short", &["late or lost"]);
    assert_eq!(finding.level, Level::Improvement);
    // The step of an hour's panel is a scrape: too short for a rate.
    assert_one(&with_interval("rate(errors_total[$__interval])"), "panel.range-short", &["$__rate_interval"]);
    for right in [
        "rate(errors_total[1m])",
        "rate(errors_total[$__rate_interval])",
        "increase(errors_total[$__range])",
        "max_over_time(queue_length[15s])",
    ] {
        assert_silent(&with_interval(right), right);
    }
    assert_silent(&judged_expr("rate(errors_total[15s])"), "nobody said how often is scraped");
}

#[test]
fn a_legend_label_that_is_aggregated_away_is_found() {
    let with_legend = |expr: &str, legend: &str| {
        let mut dashboard = one_query(expr);
        dashboard["panels"][0]["targets"][0]["legendFormat"] = legend.into();
        judged(&dashboard)
    };

    assert_one(
        &with_legend("sum(rate(errors_total[5m]))", "{{stage}}"),
        "panel.legend-label",
        &["`stage`", "aggregates it away"],
    );
    assert_one(
        &with_legend("sum by (method) (rate(requests_total[5m]))", "{{method}} {{ route }}"),
        "panel.legend-label",
        &["`route`", "the result has method"],
    );
    assert_one(&with_legend("rate(errors_total[5m])", "{{phase}}"), "panel.legend-label", &["never existed"]);
    for (expr, legend) in [
        ("sum by (stage) (rate(errors_total[5m]))", "{{stage}} fails"),
        ("rate(errors_total[5m])", "{{instance}} {{stage}} {{__name__}}"),
        ("sum(rate(errors_total[5m]))", "all"),
        ("sum(rate(errors_total[5m]))", "__auto"),
        ("label_replace(sum(rate(errors_total[5m])), \"who\", \"x\", \"\", \"\")", "{{who}}"),
        ("count_values(\"version\", queue_length)", "{{version}}"),
        ("queue_length * on (instance) group_left (version) build_info", "{{version}}"),
        ("histogram_quantile(0.9, sum by (le, route) (rate(latency_seconds_bucket[5m])))", "{{route}}"),
    ] {
        assert_silent(&with_legend(expr, legend), &format!("{expr} {legend}"));
    }
}

#[test]
fn what_is_no_promql_is_found() {
    for wrong in [
        "sum(rate(errors_total[5m])",
        "rate(errors_total)",
        "errors_total{stage=llm}",
        "sum by stage (errors_total)",
        "nosuch(errors_total)",
    ] {
        assert_one(&judged_expr(wrong), "panel.query-invalid", &["no PromQL"]);
    }
}

#[test]
fn an_unknown_variable_is_named_with_the_nearest() {
    let with_variable = |expr: &str| {
        let mut dashboard = one_query(expr);
        dashboard["templating"]["list"] =
            json!([{"name": "stage", "type": "query", "query": "label_values(errors_total, stage)"}]);
        judged(&dashboard)
    };

    assert_one(
        &with_variable("rate(errors_total{stage=\"$stag\"}[5m])"),
        "panel.variable-unknown",
        &["`stag`", "nearest: stage"],
    );
    assert_one(
        &with_variable("rate(errors_total{stage=\"${stag:regex}\"}[5m])"),
        "panel.variable-unknown",
        &["`stag`"],
    );
    for right in [
        "rate(errors_total{stage=\"$stage\"}[5m])",
        "rate(errors_total{stage=~\"${stage:pipe}\"}[5m])",
        "sum by ($stage) (rate(errors_total[5m]))",
        "$stage",
    ] {
        assert_silent(&with_variable(right), right);
    }
}

#[test]
fn an_expression_that_a_variable_completes_is_not_judged_and_it_is_said() {
    let mut dashboard = one_query("sum(rate(errors_total[5m])) $op 5");
    dashboard["templating"]["list"] = json!([{"name": "op", "type": "textbox", "query": ">"}]);

    let judged = judged(&dashboard);

    let told: Vec<(&str, Level)> = judged.findings.iter().map(|finding| (finding.id, finding.level)).collect();
    assert_eq!(told, [("dashboard.not-judged", Level::Information)]);
}
