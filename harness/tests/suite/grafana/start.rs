//! Files with which Grafana does not start.

use std::net::TcpListener;

use otelgate_harness::standins::{self, GrafanaError};

use super::stage::write;

async fn refused(file: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), file, text);
    let error = standins::grafana().with_provisioning(folder.path()).run().await.unwrap_err();
    error.to_string().replace(&folder.path().display().to_string(), "")
}

#[tokio::test]
async fn data_sources_that_grafana_would_not_start_with_are_refused_with_their_place() {
    let file = "datasources/d.yaml";
    for (text, expected) in [
        ("datasources: [", "/datasources/d.yaml: is not YAML that can be used: "),
        ("apiVersion: 1\ndatasources: 3", "/datasources/d.yaml: `datasources` must be a list"),
        ("apiVersion: 1\ndatasources: [x]", "/datasources/d.yaml: datasources[0] must be a map of keys"),
        (
            "apiVersion: 1\ndatasources: [{name: A, isDefault: maybe}]",
            "/datasources/d.yaml: datasources[0]: `isDefault` must be true or false, not \"maybe\"",
        ),
        (
            "apiVersion: 1\ndatasources: [{name: A, jsonData: 5}]",
            "/datasources/d.yaml: datasources[0]: `jsonData` must be a map of keys",
        ),
        (
            "apiVersion: 1\ndatasources: [{name: A, orgId: 2}]",
            "/datasources/d.yaml: datasources[0]: `orgId` names organisation \"2\", which does not exist; write 1",
        ),
        ("apiVersion: 1\ndatasources: [{uid: a}]", "/datasources/d.yaml: datasources[0]: `name` is missing"),
        (
            "apiVersion: 1\ndatasources: [{name: A, uid: x}, {name: B, uid: x}]",
            "/datasources/d.yaml: datasources[1]: `uid` is used by two data sources, \"A\" and \"B\"",
        ),
        (
            "apiVersion: 1\ndatasources: [{name: A, isDefault: true}, {name: B, isDefault: true}]",
            "/datasources/d.yaml: datasources[1]: `isDefault` is true for two data sources, \"A\" and \"B\"",
        ),
        (
            "apiVersion: 1\ndatasources: [{name: A, secureJsonData: {x: '$__file{/run/none}'}}]",
            "/datasources/d.yaml: `$__file{/run/none}` cannot be read: ",
        ),
    ] {
        let message = refused(file, text).await;
        assert!(message.starts_with(expected), "{text}\n{message}");
    }
}

#[tokio::test]
async fn providers_that_grafana_would_not_start_with_are_refused_with_their_place() {
    let file = "dashboards/p.yaml";
    for (text, expected) in [
        ("providers: [", "/dashboards/p.yaml: is not YAML that can be used: "),
        (
            "apiVersion: 1\nproviders: [{name: a, type: http}]",
            "/dashboards/p.yaml: providers[0]: `type` \"http\" is not supported; write `file`",
        ),
        (
            "apiVersion: 1\nproviders: [{name: a}]",
            "/dashboards/p.yaml: `options` of a provider: `path` is missing; name the folder that holds the dashboards",
        ),
    ] {
        let message = refused(file, text).await;
        assert!(message.starts_with(expected), "{text}\n{message}");
    }
}

#[tokio::test]
async fn an_address_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();

    let address = taken.local_addr().unwrap();
    let error = standins::grafana().with_provisioning(folder.path()).listen(address).run().await.unwrap_err();

    assert!(matches!(error, GrafanaError::Listen(_)), "{error:?}");
}

#[tokio::test]
async fn it_starts_with_nothing_and_ends_with_its_handle() {
    let folder = tempfile::tempdir().unwrap();

    let grafana = standins::grafana().with_provisioning(folder.path().join("none")).run().await.unwrap();
    let health = format!("{}/api/health", grafana.url());
    let client = crate::support::http::client();
    let up = client.get(&health).send().await.unwrap().status();
    let problems = grafana.problems().len();
    drop(grafana);

    assert_eq!(up, 200);
    assert_eq!(problems, 2);
    assert!(client.get(&health).send().await.is_err());
}
