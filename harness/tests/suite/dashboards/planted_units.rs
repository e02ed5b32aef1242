//! Units of panels against what their expressions measure.

use otelgate_harness::dashboards::Judged;
use serde_json::json;

use super::{assert_one, assert_silent, judged, one_query};

fn shown_as(unit: &str, expr: &str) -> Judged {
    let mut dashboard = one_query(expr);
    dashboard["panels"][0]["fieldConfig"] = json!({"defaults": {"unit": unit}, "overrides": []});
    dashboard["panels"][0]["type"] = "stat".into();
    judged(&dashboard)
}

const P95: &str = "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))";

#[test]
fn a_unit_that_contradicts_the_metric_is_found() {
    for (unit, expr, wanted) in [
        ("ms", P95, "the unit `s`"),
        ("ms", "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])", "the unit `s`"),
        ("s", "1000 * rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m])", "the unit `ms`"),
        ("s", "memory_bytes", "the unit `bytes`"),
        ("mbytes", "memory_bytes", "the unit `bytes`"),
        ("percent", "cache_ratio", "the unit `percentunit`"),
        ("percentunit", "100 * cache_ratio", "the unit `percent`"),
        ("percent", "rate(hits_total[5m]) / (rate(hits_total[5m]) + rate(misses_total[5m]))", "the unit `percentunit`"),
        ("percent", "rate(cpu_seconds_total[5m])", "the unit `percentunit`"),
        ("bps", "rate(received_bytes_total[5m])", "the unit `binBps`"),
        ("percent", "memory_bytes / memory_bytes", "the unit `percentunit`"),
        ("bytes", P95, "the unit `s`"),
    ] {
        assert_one(&shown_as(unit, expr), "panel.unit", &[wanted]);
    }
}

#[test]
fn a_unit_that_fits_or_cannot_be_known_is_left_alone() {
    for (unit, expr) in [
        ("s", P95),
        ("ms", "1000 * histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))"),
        ("ms", "rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m]) * 1000"),
        ("bytes", "memory_bytes"),
        ("decbytes", "sum(memory_bytes)"),
        ("mbytes", "memory_bytes / 1024 / 1024"),
        ("percentunit", "cache_ratio"),
        ("percentunit", "1 - cache_ratio"),
        ("percent", "100 * (1 - cache_ratio)"),
        ("percent", "(1 - avg(rate(cpu_seconds_total[5m]))) * 100"),
        ("percentunit", "rate(cpu_seconds_total[5m])"),
        ("s", "rate(cpu_seconds_total[5m])"),
        ("bps", "rate(received_bytes_total[5m]) * 8"),
        ("Bps", "rate(received_bytes_total[5m])"),
        ("bytes", "increase(received_bytes_total[1h])"),
        ("short", P95),
        ("", P95),
        ("reqps", "sum(rate(requests_total[5m]))"),
        ("s", "queue_length"),
        ("currencyUSD", "rate(requests_total[5m]) * 0.0003"),
        ("percent", "rate(hits_total[5m]) / rate(requests_total[5m]) * 100 or vector(0)"),
        ("s", "time() - max(up)"),
    ] {
        let judged = shown_as(unit, expr);
        let found: Vec<_> = judged.findings.iter().filter(|finding| finding.id == "panel.unit").collect();
        assert!(found.is_empty(), "{unit}, {expr}: {found:#?}");
    }
}

#[test]
fn overrides_and_transformations_decide_what_can_be_known() {
    let with = |more: serde_json::Value| {
        let mut dashboard = one_query(P95);
        dashboard["panels"][0]["targets"][0]["legendFormat"] = "p95".into();
        for (key, value) in more.as_object().unwrap() {
            dashboard["panels"][0][key] = value.clone();
        }
        judged(&dashboard)
    };
    let unit = |matcher: &str, options: &str, unit: &str| json!({"matcher": {"id": matcher, "options": options}, "properties": [{"id": "unit", "value": unit}]});

    assert_one(
        &with(json!({"fieldConfig": {"defaults": {"unit": "s"}, "overrides": [unit("byName", "p95", "ms")]}})),
        "panel.unit",
        &["`ms`"],
    );
    assert_one(
        &with(json!({"fieldConfig": {"defaults": {}, "overrides": [unit("byFrameRefID", "A", "ms")]}})),
        "panel.unit",
        &["`ms`"],
    );
    for right in [
        json!({"fieldConfig": {"defaults": {"unit": "ms"}, "overrides": [unit("byName", "p95", "s")]}}),
        json!({"fieldConfig": {"defaults": {"unit": "s"}, "overrides": [unit("byName", "requests", "ms")]}}),
        json!({"fieldConfig": {"defaults": {"unit": "ms"}, "overrides": [unit("byRegexp", "/p.*/", "s")]}}),
        json!({"fieldConfig": {"defaults": {"unit": "ms"}}, "transformations": [{"id": "calculateField"}]}),
        json!({"fieldConfig": {"defaults": {"unit": "ms"}}, "type": "heatmap"}),
        json!({"fieldConfig": {"defaults": {"unit": "ms"}}, "type": "table"}),
    ] {
        assert_silent(&with(right.clone()), &right.to_string());
    }
}
