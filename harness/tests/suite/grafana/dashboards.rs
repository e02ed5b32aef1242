//! The provisioned dashboards.

use serde_json::{Value, json};

use super::stage::{Stage, write};

async fn titles(stage: &Stage, query: &str) -> Vec<String> {
    let hits = stage.json(&format!("/api/search{query}")).await;
    hits.as_array().unwrap().iter().map(|hit| hit["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_dashboard_comes_with_what_grafana_says_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let board =
        json!({"title": "RAG pipeline", "uid": "rag", "tags": ["rag"], "id": 77, "panels": [{"type": "gauge"}]});
    write(folder.path(), "boards/sub/rag.json", &board.to_string());
    let stage = Stage::on(folder).await;

    let answer = stage.json("/api/dashboards/uid/rag").await;

    assert_eq!(answer["dashboard"]["panels"], board["panels"]);
    assert_eq!((&answer["dashboard"]["id"], &answer["dashboard"]["version"]), (&json!(1), &json!(1)));
    let meta = &answer["meta"];
    assert_eq!(meta["provisioned"], true);
    assert_eq!(meta["provisionedExternalId"], "sub/rag.json");
    assert_eq!(meta["url"], "/d/rag/rag-pipeline");
    assert_eq!((&meta["folderTitle"], &meta["folderUid"]), (&json!("RAG"), &json!("rag")));
}

#[tokio::test]
async fn dashboards_are_found_by_type_title_tag_and_uid() {
    let folder = tempfile::tempdir().unwrap();
    for (uid, title, tags) in [("a", "Latency", vec!["rag", "slow"]), ("b", "Errors", vec!["rag"])] {
        let board = json!({"uid": uid, "title": title, "tags": tags});
        write(folder.path(), &format!("boards/{uid}.json"), &board.to_string());
    }
    let stage = Stage::on(folder).await;

    for (query, expected) in [
        ("?type=dash-db", &["Errors", "Latency"][..]),
        ("?type=dash-folder", &["RAG"]),
        ("", &["RAG", "Errors", "Latency"]),
        ("?type=dash-db&query=lat", &["Latency"]),
        ("?tag=rag&tag=slow", &["Latency"]),
        ("?dashboardUIDs=b", &["Errors"]),
        ("?type=dash-db&limit=1", &["Errors"]),
        ("?type=dash-db&limit=1&page=2", &["Latency"]),
        ("?query=none", &[]),
    ] {
        assert_eq!(titles(&stage, query).await, expected, "{query}");
    }
    let hit = &stage.json("/api/search?query=lat").await[0];
    assert_eq!((&hit["uid"], &hit["url"], &hit["type"]), (&json!("a"), &json!("/d/a/latency"), &json!("dash-db")));
}

#[tokio::test]
async fn a_dashboard_that_is_not_there_is_not_found() {
    let stage = Stage::new().await;

    let answer = stage.get("/api/dashboards/uid/none").await;

    assert_eq!(answer.status(), 404);
    let expected = json!({"message": "Dashboard not found", "traceID": ""});
    assert_eq!(answer.json::<Value>().await.unwrap(), expected);
}

#[tokio::test]
async fn the_pages_say_that_this_is_not_grafana() {
    let folder = tempfile::tempdir().unwrap();
    let panels = json!([{"type": "row", "panels": [{"title": "p95 <b>", "targets": [{"expr": "up{a=\"b\"}"}]}]}]);
    write(folder.path(), "boards/x.json", &json!({"uid": "x", "title": "X & Y", "panels": panels}).to_string());
    let stage = Stage::on(folder).await;

    let home = stage.anonymous("/").send().await.unwrap().text().await.unwrap();
    let board = stage.anonymous("/d/x/x-y").send().await.unwrap().text().await.unwrap();
    let none = stage.anonymous("/d/none").send().await.unwrap();

    assert!(home.contains("This is not Grafana") && home.contains(r#"<a href="/d/x/x-y">X &amp; Y</a>"#), "{home}");
    assert!(board.contains("This is not Grafana") && board.contains("p95 &lt;b&gt;"), "{board}");
    assert!(board.contains("<pre>up{a=&quot;b&quot;}</pre>"), "{board}");
    assert_eq!(none.status(), 404);
}
