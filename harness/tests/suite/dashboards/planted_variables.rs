//! Variables and annotations.

use otelgate_harness::dashboards::Judged;
use serde_json::{Value as Json, json};

use super::{assert_one, assert_silent, judged, one_query};

fn with_variable(variable: &Json) -> Judged {
    let mut dashboard = one_query("rate(errors_total[5m])");
    dashboard["templating"]["list"] = json!([variable]);
    judged(&dashboard)
}

fn queried(query: &str) -> Judged {
    with_variable(&json!({"name": "v", "type": "query", "query": query}))
}

#[test]
fn a_variable_whose_query_finds_nothing_is_found() {
    for (query, id, part) in [
        ("label_values(errors, stage)", "variable.metric-missing", "nearest: errors_total"),
        ("label_values(errors_total, phase)", "variable.label-missing", "it has stage"),
        ("label_values(phase)", "variable.label-missing", "no metric has a label `phase`"),
        ("label_values(errors_total{stage=\"nowhere\"}, stage)", "variable.label-value", "it has cache-read, llm"),
        ("metrics(^rag_)", "variable.metric-missing", "no metric has a name like `^rag_`"),
        ("query_result(topk(3, errors))", "variable.metric-missing", "nearest: errors_total"),
        ("query_result(topk(3, errors_total)", "variable.query", "no PromQL"),
        ("errors{stage=\"llm\"}", "variable.metric-missing", "nearest: errors_total"),
    ] {
        assert_one(&queried(query), id, &[part, "d / $v"]);
        let object = with_variable(&json!({"name": "v", "type": "query", "query": {"query": query, "refId": "x"}}));
        assert_one(&object, id, &[part]);
    }
}

#[test]
fn a_variable_whose_query_finds_something_is_left_alone() {
    for query in [
        "label_values(errors_total, stage)",
        "label_values(errors_total, job)",
        "label_values(stage)",
        "label_values(namespace)",
        "label_names()",
        "metrics(errors_.*)",
        "query_result(sum by (stage) (increase(errors_total[$__range])))",
        "errors_total{stage=\"llm\"}",
        "label_values({__name__=~\"errors.*\"}, stage)",
        "label_values(up, job)",
    ] {
        assert_silent(&queried(query), query);
    }
    assert_silent(
        &with_variable(
            &json!({"name": "v", "type": "query", "query": {"qryType": 1, "metric": "errors_total", "label": "stage"}}),
        ),
        "built",
    );
}

#[test]
fn a_variable_without_a_query_or_values_is_found() {
    for variable in [
        json!({"name": "v", "type": "query", "query": ""}),
        json!({"name": "v", "type": "query"}),
        json!({"name": "v", "type": "query", "query": {"query": ""}}),
        json!({"name": "v", "type": "custom", "query": "", "options": []}),
        json!({"name": "v", "type": "interval", "query": ""}),
    ] {
        assert_one(&with_variable(&variable), "variable.empty", &["no value"]);
    }
    for variable in [
        json!({"name": "v", "type": "textbox", "query": ""}),
        json!({"name": "v", "type": "adhoc"}),
        json!({"name": "v", "type": "datasource", "query": "prometheus"}),
        json!({"name": "v", "type": "custom", "query": "", "options": [{"text": "a", "value": "a"}]}),
        json!({"name": "v", "type": "constant", "query": ""}),
        json!({"name": "v", "type": "query", "datasource": {"type": "loki", "uid": "l"}, "query": {"type": 1}}),
    ] {
        assert_silent(&with_variable(&variable), &variable.to_string());
    }
}

#[test]
fn a_filter_that_lets_no_value_through_is_found() {
    let filtered = |regex: &str| {
        with_variable(
            &json!({"name": "v", "type": "query", "query": "label_values(errors_total, stage)", "regex": regex}),
        )
    };

    assert_one(&filtered("/^prod-/"), "variable.query", &["lets no value through", "cache-read, llm"]);
    assert_one(&filtered("ll"), "variable.query", &["lets no value through"]);
    for right in ["", "/l+/", "/^(?!x)/", "llm", "/LLM/i", "/.*-(.*)/"] {
        assert_silent(&filtered(right), right);
    }
}

#[test]
fn annotations_are_judged_as_panels_are() {
    let annotated = |expr: &str, enable: bool| {
        let mut dashboard = one_query("rate(errors_total[5m])");
        dashboard["annotations"] = json!({"list": [{"name": "Starts", "enable": enable, "expr": expr}]});
        judged(&dashboard)
    };

    assert_one(
        &annotated("changes(start_seconds[1m]) > 0", true),
        "panel.metric-missing",
        &["annotation Starts", "start_seconds"],
    );
    assert_silent(&annotated("changes(build_info[1m]) > 0", true), "it exists");
    assert_silent(&annotated("changes(start_seconds[1m]) > 0", false), "it is switched off");
}
