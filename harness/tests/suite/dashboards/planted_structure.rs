//! Data sources, providers, ids, and panels that ask nothing.

use std::fs;
use std::path::Path;

use otelgate_harness::dashboards::{DataSource, Judged, Options, Provisioning, Source, judge, load};
use otelgate_harness::finding::Level;
use serde_json::{Value as Json, json};

use super::{assert_one, assert_silent, judged, one_query, together, truth};

fn provisioned(dashboard: &Json) -> Judged {
    let source = |uid: &str, name: &str, kind: &str, default| DataSource {
        uid: uid.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        default,
        interval: None,
    };
    let mut dashboards = together(std::slice::from_ref(dashboard));
    let sources =
        vec![source("prometheus", "Prometheus", "prometheus", true), source("jaeger", "Jaeger", "jaeger", false)];
    dashboards.provisioning = Some(Provisioning { sources, providers: Vec::new() });
    judge(&dashboards, &truth(), Options { all_happened: true })
}

fn asking(source: Json) -> Json {
    let mut dashboard = one_query("rate(errors_total[5m])");
    dashboard["panels"][0]["datasource"] = source;
    dashboard
}

#[test]
fn a_data_source_that_does_not_exist_is_found() {
    for (source, part) in [
        (json!({"type": "prometheus", "uid": "prometheus-main"}), "nearest: prometheus"),
        (json!("Prometheus 2"), "provisioned are prometheus, jaeger"),
        (json!("${DS_PROMETHEUS}"), "no variable `DS_PROMETHEUS`"),
    ] {
        assert_one(&provisioned(&asking(source.clone())), "panel.datasource-unknown", &[part]);
        assert_silent(&judged(&asking(source)), "without provisioning, nobody knows");
    }
    for source in [
        json!({"type": "prometheus", "uid": "prometheus"}),
        json!("Prometheus"),
        json!("prometheus"),
        json!(null),
        json!("default"),
        json!({"type": "prometheus"}),
    ] {
        assert_silent(&provisioned(&asking(source.clone())), &source.to_string());
    }
}

#[test]
fn the_panels_data_source_is_asked_whatever_its_query_names() {
    let mut dashboard = asking(json!({"type": "prometheus", "uid": "promethues"}));
    dashboard["panels"][0]["targets"][0]["datasource"] = json!({"type": "prometheus", "uid": "prometheus"});
    assert_one(&provisioned(&dashboard), "panel.datasource-unknown", &["nearest: prometheus"]);

    dashboard["panels"][0]["datasource"] = json!({"type": "datasource", "uid": "-- Mixed --"});
    assert_silent(&provisioned(&dashboard), "mixed: each query has its own");
}

#[test]
fn a_placeholder_of_the_import_dialogue_is_told_as_such() {
    let mut dashboard = asking(json!({"type": "prometheus", "uid": "${DS_PROM}"}));
    dashboard["__inputs"] = json!([{"name": "DS_PROM", "type": "datasource", "pluginId": "prometheus"}]);

    assert_one(&provisioned(&dashboard), "panel.datasource-unknown", &["which provisioning does not replace"]);
}

#[test]
fn a_data_source_of_a_variable_is_there() {
    let mut dashboard = asking(json!({"type": "prometheus", "uid": "${ds}"}));
    dashboard["templating"]["list"] = json!([{"name": "ds", "type": "datasource", "query": "prometheus"}]);

    assert_silent(&provisioned(&dashboard), "a variable");
}

#[test]
fn an_expression_is_judged_although_its_data_source_does_not_exist() {
    let mut dashboard = asking(json!({"type": "prometheus", "uid": "nowhere"}));
    dashboard["panels"][0]["targets"][0]["expr"] = "rate(errors[5m])".into();

    let judged = provisioned(&dashboard);

    let ids: Vec<&str> = judged.findings.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["panel.datasource-unknown", "panel.metric-missing"]);
}

#[test]
fn a_panel_that_asks_nothing_is_found() {
    for targets in [json!([]), json!(null), json!([{"refId": "A", "expr": ""}]), json!([{"refId": "A"}])] {
        let mut dashboard = one_query("up");
        dashboard["panels"][0]["targets"] = targets;

        let judged = judged(&dashboard);

        assert_one(&judged, "panel.no-query", &["always empty"]);
    }
    for (kind, more) in [
        ("text", json!({})),
        ("dashlist", json!({})),
        ("stat", json!({"datasource": {"uid": "-- Dashboard --"}, "targets": [{"panelId": 1}]})),
        ("logs", json!({"datasource": {"type": "loki", "uid": "l"}, "targets": [{"refId": "A", "expr": "{a=\"b\"}"}]})),
    ] {
        let mut dashboard = one_query("queue_length");
        let mut panel = json!({"id": 2, "type": kind, "title": "Q"});
        panel.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        dashboard["panels"].as_array_mut().unwrap().push(panel);
        assert_silent(&judged(&dashboard), kind);
    }
}

#[test]
fn ids_and_uids_given_twice_are_found() {
    let mut dashboard = one_query("queue_length");
    let copy = dashboard["panels"][0].clone();
    dashboard["panels"].as_array_mut().unwrap().push(copy);

    let finding = assert_one(&judged(&dashboard), "dashboard.panel-id-twice", &["2 panels have the id 1"]);
    assert_eq!(finding.level, Level::Improvement);

    let twice = together(&[one_query("queue_length"), one_query("queue_length")]);
    assert_one(&judge(&twice, &truth(), Options::default()), "dashboard.uid-twice", &["0.json, 1.json"]);

    let mut other = one_query("queue_length");
    other["uid"] = "e".into();
    let both = together(&[one_query("queue_length"), other]);
    assert_silent(&judge(&both, &truth(), Options::default()), "different uids");
}

fn folder(provider: &str) -> (tempfile::TempDir, Source) {
    let root = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("dashboards/one.json", &one_query("queue_length").to_string());
    write(
        "provisioning/dashboards/all.yaml",
        &format!("apiVersion: 1\nproviders:\n- {{name: x, options: {{path: {provider}}}}}\n"),
    );
    let source = Source {
        path: root.path().join("dashboards"),
        provisioning: Some(root.path().join("provisioning")),
        ..Source::default()
    };
    (root, source)
}

#[test]
fn a_folder_no_provider_looks_into_is_found() {
    let judged = |provider: &str| {
        let (_root, source) = folder(provider);
        judge(&load(&[source]).unwrap(), &truth(), Options::default())
    };

    assert_one(&judged("/var/lib/grafana/dashboard"), "dashboard.not-provisioned", &["nearest: dashboard", "all.yaml"]);
    for right in ["/var/lib/grafana/dashboards", "./dashboards/", "$DASHBOARDS"] {
        assert_silent(&judged(right), right);
    }
}

#[test]
fn files_that_cannot_be_read_are_findings_with_their_place() {
    let (root, source) = folder("/x/dashboards");
    let write = |path: &str, text: &str| fs::write(root.path().join(path), text).unwrap();
    write("dashboards/broken.json", "{\n  \"panels\": [\n    {\"id\": 1,}\n  ]\n}\n");
    write("provisioning/broken.yaml", "datasources:\n- [\n");

    let judged = judge(&load(&[source]).unwrap(), &truth(), Options::default());

    let told: Vec<(&str, &str)> =
        judged.findings.iter().map(|it| (it.id, it.place.path.rsplit('/').next().unwrap())).collect();
    assert_eq!(told[0], ("dashboard.unreadable", "broken.json:3:14"));
    assert!(told[1].0 == "dashboard.provisioning" && told[1].1.starts_with("broken.yaml:"), "{told:?}");
    assert!(Path::new(&judged.findings[0].subject).is_absolute());
}
