//! The same dashboard in every shape that Grafana writes.

use otelgate_harness::dashboards::parse;
use serde_json::{Value as Json, json};

use super::{assert_one, judged, one_query};

/// The same wrong query in the second schema.
fn second() -> Json {
    json!({
        "apiVersion": "dashboard.grafana.app/v2beta1", "kind": "Dashboard", "metadata": {"name": "d"},
        "spec": {
            "title": "D", "timeSettings": {"from": "now-1h", "to": "now"}, "layout": {"kind": "GridLayout", "spec": {"items": []}},
            "variables": [{"kind": "QueryVariable", "spec": {"name": "stage", "query": {"kind": "DataQuery", "group": "prometheus", "spec": {"query": "label_values(errors_total, stage)"}}}}],
            "annotations": [],
            "elements": {"panel-1": {"kind": "Panel", "spec": {
                "id": 1, "title": "P",
                "data": {"kind": "QueryGroup", "spec": {"queries": [
                    {"kind": "PanelQuery", "spec": {"refId": "A", "hidden": false, "query": {
                        "kind": "DataQuery", "group": "prometheus", "version": "v0", "datasource": {"name": "prometheus"},
                        "spec": {"expr": "rate(errors{stage=\"$stage\"}[5m])", "legendFormat": "{{stage}}"}}}}
                ], "transformations": [], "queryOptions": {}}},
                "vizConfig": {"kind": "VizConfig", "group": "timeseries", "spec": {"fieldConfig": {"defaults": {"unit": "short"}, "overrides": []}}}
            }}}
        }
    })
}

#[test]
fn the_defect_is_found_in_every_shape() {
    let classic = one_query("rate(errors[5m])");
    let panel = classic["panels"][0].clone();
    let with_panels = |panels: Json| {
        let mut dashboard = classic.clone();
        dashboard["panels"] = panels;
        dashboard
    };

    for (shape, dashboard) in [
        ("as exported", classic.clone()),
        ("as the API answers", json!({"meta": {}, "dashboard": classic.clone()})),
        (
            "as a resource",
            json!({"apiVersion": "dashboard.grafana.app/v1beta1", "kind": "Dashboard", "metadata": {"name": "d"}, "spec": classic.clone()}),
        ),
        ("rows of old", json!({"uid": "d", "title": "D", "rows": [{"title": "R", "panels": [panel.clone()]}]})),
        (
            "in a collapsed row",
            with_panels(json!([{"type": "row", "title": "R", "collapsed": true, "panels": [panel.clone()]}])),
        ),
        (
            "after an expanded row",
            with_panels(json!([{"type": "row", "title": "R", "collapsed": false, "panels": []}, panel.clone()])),
        ),
        ("the second schema", second()),
    ] {
        let finding = assert_one(&judged(&dashboard), "panel.metric-missing", &["nearest: errors_total"]);
        assert_eq!(finding.subject, "d / P / A / errors", "{shape}");
    }
}

#[test]
fn the_second_schema_of_the_first_beta_is_read_too() {
    let mut dashboard = second();
    let query = &mut dashboard["spec"]["elements"]["panel-1"]["spec"]["data"]["spec"]["queries"][0]["spec"];
    query["datasource"] = json!({"type": "prometheus", "uid": "prometheus"});
    query["query"] = json!({"kind": "prometheus", "spec": {"expr": "rate(errors[5m])"}});
    dashboard["spec"]["elements"]["panel-1"]["spec"]["vizConfig"]["kind"] = "timeseries".into();

    assert_one(&judged(&dashboard), "panel.metric-missing", &["nearest: errors_total"]);
}

#[test]
fn json_of_another_kind_is_no_dashboard() {
    for other in [
        json!({"name": "package", "version": "1"}),
        json!([1, 2]),
        json!("text"),
        json!(null),
        json!({"spec": {"replicas": 2}}),
    ] {
        assert!(parse(&other.to_string(), "x.json").unwrap().is_none(), "{other}");
    }
}

#[test]
fn what_is_not_json_is_answered_with_line_and_column() {
    let trouble = parse("{\n \"panels\": [}\n}", "x.json").unwrap_err();

    assert_eq!(trouble.place, "x.json:2:13");
    assert!(trouble.message.starts_with("not JSON: "), "{}", trouble.message);
}
