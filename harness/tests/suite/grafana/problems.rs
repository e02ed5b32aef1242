//! What is wrong with the files and does not keep Grafana from starting.

use otelgate_harness::standins;
use serde_json::json;

use super::stage::{Stage, write};

#[tokio::test]
async fn dashboards_that_cannot_be_used_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.json", r#"{"uid": "same", "title": "First"}"#),
        ("b.json", r#"{"uid": "same", "title": "Second"}"#),
        ("broken.json", "{\"uid\": "),
        ("list.json", "[]"),
        ("nameless.json", r#"{"uid": "x"}"#),
        ("twin.json", r#"{"uid": "other", "title": "First"}"#),
        ("read.me", "not a dashboard"),
        (".hidden/c.json", r#"{"uid": "hidden", "title": "Hidden"}"#),
    ] {
        write(folder.path(), &format!("boards/{name}"), text);
    }

    let stage = Stage::on(folder).await;

    let told = stage.json("/api/otelgate/problems").await;
    let boards = stage.folder().join("boards");
    let problems = stage.grafana.problems();
    for (problem, (name, message)) in problems.iter().zip([
        ("b.json", "the uid \"same\" is that of "),
        ("broken.json", "is not JSON: EOF while parsing a value at line 1 column 8"),
        ("list.json", "is not a dashboard: it must be a JSON object"),
        ("nameless.json", "has no `title`"),
        ("twin.json", "the title \"First\" is not unique in its folder: uid \"same\" has it too"),
    ]) {
        assert_eq!(problem.file, boards.join(name).display().to_string());
        assert!(problem.message.starts_with(message), "{problem}");
    }
    assert_eq!(problems.len(), 5, "{problems:?}");
    assert_eq!(told.as_array().unwrap().len(), 5);
    assert_eq!(told[1]["place"], boards.join("broken.json").display().to_string());
    assert_eq!(stage.json("/api/search?type=dash-db").await.as_array().unwrap().len(), 2);
    assert_eq!(stage.json("/api/dashboards/uid/same").await["dashboard"]["title"], "First");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told_and_the_others_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let boards = folder.path().join("boards");
    let providers = json!({"apiVersion": 1, "providers": [
        {"name": "gone", "options": {"path": "/nowhere/boards"}},
        {"name": "here", "options": {"path": boards}, "allowUiUpdates": true},
    ]});
    write(folder.path(), "boards/a.json", r#"{"title": "A"}"#);
    write(folder.path(), "dashboards/all.yml", &providers.to_string());

    let grafana = standins::grafana().with_provisioning(folder.path()).run().await.unwrap();

    let problems: Vec<String> = grafana.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].ends_with("nothing of this kind is provisioned") && problems[0].contains("/datasources: "));
    assert!(problems[1].starts_with("/nowhere/boards: dashboard provider \"gone\": the folder cannot be read"));
    let request = crate::support::http::client().get(format!("{}/api/search", grafana.url()));
    let hits: serde_json::Value =
        request.basic_auth("admin", Some("admin")).send().await.unwrap().json().await.unwrap();
    // It was given no uid: one is made.
    assert_eq!((&hits[0]["title"], hits[0]["uid"].as_str().unwrap().len()), (&json!("A"), 14));
}

#[tokio::test]
async fn an_outdated_format_is_read_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let sources =
        "datasources: [{name: P, type: prometheus, url: 'http://p', is_default: true, json_data: {timeInterval: 5s}}]";
    write(folder.path(), "datasources/old.yaml", sources);
    let providers = format!("- {{name: old, options: {{folder: {}}}}}", folder.path().join("boards").display());
    write(folder.path(), "dashboards/old.yaml", &providers);
    write(folder.path(), "boards/a.json", r#"{"title": "A", "uid": "a"}"#);

    let grafana = standins::grafana().with_provisioning(folder.path()).run().await.unwrap();

    assert_eq!(grafana.problems().len(), 2, "{:?}", grafana.problems());
    assert!(grafana.problems().iter().all(|problem| problem.message.starts_with("the format is outdated")));
    let request = crate::support::http::client().get(format!("{}/api/datasources", grafana.url()));
    let all: serde_json::Value = request.basic_auth("admin", Some("admin")).send().await.unwrap().json().await.unwrap();
    assert_eq!((&all[0]["isDefault"], &all[0]["jsonData"]), (&json!(true), &json!({"timeInterval": "5s"})));
}
