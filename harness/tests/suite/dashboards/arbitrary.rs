//! Whatever JSON a dashboard is, nothing panics.

use otelgate_harness::dashboards::{Dashboards, Options, Truth, judge, parse, parse_rules};
use proptest::prelude::*;
use serde_json::{Map, Value as Json};

use super::truth;

/// Keys and texts that lead into the readers, among any others.
const WORDS: &[&str] = &[
    "panels",
    "rows",
    "type",
    "row",
    "targets",
    "expr",
    "refId",
    "datasource",
    "uid",
    "templating",
    "list",
    "query",
    "name",
    "fieldConfig",
    "defaults",
    "overrides",
    "unit",
    "matcher",
    "options",
    "properties",
    "spec",
    "elements",
    "kind",
    "data",
    "queries",
    "variables",
    "annotations",
    "current",
    "value",
    "regex",
    "time",
    "from",
    "id",
    "title",
    "legendFormat",
    "yaxes",
    "format",
    "transformations",
    "libraryPanel",
    "timeseries",
    "custom",
    "interval",
    "constant",
    "now-1h",
    "s",
    "ms",
    "rate(errors_total[5m])",
    "sum by ($x) (up)",
    "histogram_quantile($q, $m)",
    "{{stage}}",
    "$__all",
    "[[x]]",
    "${x:csv}",
    "label_values(errors_total, stage)",
    "label_values(",
    "query_result(up",
    "-- Mixed --",
    "${ds}",
    "/(",
    "x offset $x",
    "rate(x[$w])",
    "((((((((((",
    "{__name__=~\"$x\"}",
    "a + b + c * d",
    "up{a=\"\u{e9}",
    "1e999s",
    "prometheus",
    "groups",
    "rules",
    "alert",
    "record",
    "\u{1F980}",
    "rate(x[99999999999999999999y])",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![9 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        5 => word().prop_map(Json::String),
        1 => any::<i64>().prop_map(Json::from),
        1 => any::<f64>().prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::Bool),
        1 => Just(Json::Null),
    ];
    leaf.prop_recursive(7, 160, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            3 => prop::collection::vec((word(), inner), 0..8).prop_map(|members| Json::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_json_makes_the_judge_panic(panels in prop::collection::vec(anything(), 0..4), variables in prop::collection::vec(anything(), 0..3), other in anything()) {
        let classic = serde_json::json!({"panels": panels, "templating": {"list": variables}, "annotations": {"list": [other]}});
        for json in [classic, other.clone(), serde_json::json!({"spec": {"elements": other}})] {
            let dashboard = parse(&json.to_string(), "x.json").unwrap();
            let dashboards = Dashboards { dashboards: dashboard.into_iter().collect(), ..Dashboards::default() };
            let _ = judge(&dashboards, &truth(), Options::default());
            let _ = judge(&dashboards, &Truth::unknown(), Options { all_happened: true });
        }
    }

    #[test]
    fn no_expression_makes_the_judge_panic(expr in prop::collection::vec(word(), 0..12)) {
        for expr in [expr.join(" "), expr.concat()] {
            let _ = super::judged_expr(&expr);
        }
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in ".{0,200}") {
        let _ = parse(&text, "x.json");
        let _ = parse_rules(&text, "x.yml");
    }
}

#[test]
fn an_expression_of_absurd_depth_is_not_followed() {
    for expr in [
        "(".repeat(100_000),
        format!("{}up{}", "(".repeat(5_000), ")".repeat(5_000)),
        "up + ".repeat(20_000) + "up",
        "-".repeat(30_000) + "1",
        "up[1m:1m]".to_owned() + &"[1m:1m]".repeat(5_000),
    ] {
        let judged = super::judged_expr(&expr);

        assert!(
            judged.findings.iter().any(|finding| finding.id == "dashboard.not-judged"),
            "{:?}",
            judged.findings.first().map(|it| it.id)
        );
    }
}
