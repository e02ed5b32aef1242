//! `grafana/`: the dashboard's layout, what every panel says about itself, and the data sources behind it.
//! Whether panels show data is `otelgate dashboards`' to judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use regex::Regex;
use serde_json::{Value, json};

use crate::support::{root, yaml};

const DASHBOARD: &str = "grafana/dashboards/rag-pipeline.json";

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// Panels the product's specification names, and their kinds.
const SPECIFIED: [(&str, &str); 6] = [
    ("RAG query latency", "timeseries"),
    ("Query error rate", "gauge"),
    ("Embedding cache hit ratio", "timeseries"),
    ("OpenAI token usage rate", "timeseries"),
    ("Vector search result counts", "timeseries"),
    ("OpenAI calls by model", "table"),
];

fn dashboard() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join(DASHBOARD)).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn title(panel: &Value) -> &str {
    panel["title"].as_str().unwrap()
}

/// Without the rows, which are headings.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    list(&dashboard["panels"]).iter().filter(|panel| panel["type"] != "row")
}

#[test]
fn the_dashboard_is_found_by_what_the_documents_call_it() {
    let dashboard = dashboard();

    assert_eq!(dashboard["uid"], "rag-pipeline");
    assert_eq!(dashboard["tags"], json!(["rag", "opentelemetry"]));
    assert_eq!(dashboard["refresh"], "5s");
    assert_eq!(dashboard["time"], json!({"from": "now-15m", "to": "now"}));
}

#[test]
fn the_specified_panels_are_there() {
    let dashboard = dashboard();

    let kinds: BTreeMap<&str, &str> =
        list(&dashboard["panels"]).iter().map(|panel| (title(panel), panel["type"].as_str().unwrap())).collect();

    for (title, kind) in SPECIFIED {
        assert_eq!(kinds.get(title), Some(&kind), "{title}");
    }
}

#[test]
fn panels_fill_the_grid_without_overlap_or_gap() {
    let dashboard = dashboard();
    let mut cells: BTreeMap<(u64, u64), &str> = BTreeMap::new();

    for panel in list(&dashboard["panels"]) {
        let at = |key: &str| panel["gridPos"][key].as_u64().unwrap();
        assert!(at("x") + at("w") <= COLUMNS, "{} is wider than the grid", title(panel));
        for y in at("y")..at("y") + at("h") {
            for x in at("x")..at("x") + at("w") {
                let other = cells.insert((y, x), title(panel));
                assert_eq!(other, None, "{} lies over {other:?}", title(panel));
            }
        }
    }

    let height = cells.keys().map(|(y, _)| y + 1).max().unwrap();
    for y in 0..height {
        for x in 0..COLUMNS {
            assert!(cells.contains_key(&(y, x)), "nothing at line {y}, column {x}");
        }
    }
}

#[test]
fn ids_and_titles_are_unique() {
    let dashboard = dashboard();
    let all = list(&dashboard["panels"]);

    let ids: BTreeSet<u64> = all.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    let titles: BTreeSet<&str> = all.iter().map(title).collect();

    assert_eq!((ids.len(), titles.len()), (all.len(), all.len()));
}

#[test]
fn every_panel_says_what_it_shows_and_in_which_unit() {
    let dashboard = dashboard();

    for panel in panels(&dashboard) {
        let defaults = &panel["fieldConfig"]["defaults"];
        assert!(
            panel["description"].as_str().is_some_and(|text| text.ends_with('.')),
            "{}: no description",
            title(panel)
        );
        assert!(defaults["noValue"].is_string(), "{}: silent without data", title(panel));
        // What a table of traces shows has units of its own.
        if panel["datasource"]["type"] == "prometheus" {
            assert!(defaults["unit"].is_string(), "{}: no unit", title(panel));
        }
        if panel["type"] == "timeseries" {
            assert!(
                !list(&panel["options"]["legend"]["calcs"]).is_empty(),
                "{}: a legend without numbers",
                title(panel)
            );
        }
    }
}

#[test]
fn every_query_goes_to_a_data_source_the_viewer_can_choose() {
    let dashboard = dashboard();
    let variables = list(&dashboard["templating"]["list"]);
    let source = |name: &str| variables.iter().find(|variable| variable["name"] == name).unwrap();
    assert_eq!(source("datasource")["query"], "prometheus");
    assert_eq!(source("traces")["query"], "jaeger");

    for panel in panels(&dashboard) {
        let targets = list(&panel["targets"]);
        assert!(!targets.is_empty(), "{}: no query", title(panel));
        for target in targets {
            let uid = &target["datasource"]["uid"];
            assert!(uid == "${datasource}" || uid == "${traces}", "{}: {uid}", title(panel));
        }
    }
}

#[test]
fn the_data_sources_lead_to_each_other() {
    let prometheus = yaml("grafana/provisioning/datasources/prometheus.yaml")["datasources"][0].clone();
    let jaeger = yaml("grafana/provisioning/datasources/jaeger.yaml")["datasources"][0].clone();

    assert_eq!((&prometheus["uid"], &prometheus["isDefault"]), (&json!("prometheus"), &json!(true)));
    assert_eq!(jaeger["uid"], "jaeger");
    let exemplars = &prometheus["jsonData"]["exemplarTraceIdDestinations"][0];
    assert_eq!((&exemplars["name"], &exemplars["datasourceUid"]), (&json!("trace_id"), &json!("jaeger")));
    assert_eq!(jaeger["jsonData"]["tracesToMetrics"]["datasourceUid"], "prometheus");
}

#[test]
fn the_data_source_knows_how_often_prometheus_scrapes() {
    let prometheus = yaml("grafana/provisioning/datasources/prometheus.yaml")["datasources"][0].clone();

    let interval = &prometheus["jsonData"]["timeInterval"];

    assert_eq!(interval, &yaml("compose/prometheus.yml")["global"]["scrape_interval"]);
}

#[test]
fn dashboards_are_loaded_from_where_compose_mounts_them() {
    let provider = yaml("grafana/provisioning/dashboards/dashboards.yaml")["providers"][0].clone();

    assert_eq!(provider["options"]["path"], "/var/lib/grafana/dashboards");
}

#[test]
fn costs_are_by_the_price_list_of_the_service() {
    let list_prices = fs::read_to_string(root().join("service/src/usage/prices.rs")).unwrap();
    let entry = Regex::new(r#"\("([^"]+)", Price \{ prompt: ([\d.]+), completion: ([\d.]+) \}\)"#).unwrap();
    let prices: BTreeMap<String, (f64, f64)> = entry
        .captures_iter(&list_prices)
        .map(|found| (found[1].to_owned(), (found[2].parse().unwrap(), found[3].parse().unwrap())))
        .collect();
    let dashboard = dashboard();
    let constant = |name: &str| -> f64 {
        let variables = list(&dashboard["templating"]["list"]);
        let variable = variables.iter().find(|variable| variable["name"] == name).unwrap();
        variable["query"].as_str().unwrap().parse().unwrap()
    };

    let chat = (constant("usd_prompt"), constant("usd_completion"));
    let embedding = constant("usd_embedding");

    assert_eq!(Some(&chat), prices.get("gpt-4o-mini"));
    assert_eq!(Some(&embedding), prices.get("text-embedding-3-large").map(|(prompt, _)| prompt));
}
