//! What data sources there are, and whether they answer.

use otelgate_harness::standins;
use serde_json::json;

use super::stage::{Stage, answer, write};

#[tokio::test]
async fn data_sources_are_shown_as_provisioned_without_their_secrets() {
    let stage = Stage::new().await;

    let all = stage.json("/api/datasources").await;
    let jaeger = stage.json("/api/datasources/uid/jaeger").await;

    let url = stage.prometheus.uri();
    assert_eq!(
        all[1],
        json!({
            "id": 1, "uid": "prometheus", "orgId": 1, "name": "Prometheus", "type": "prometheus", "typeName": "Prometheus",
            "typeLogoUrl": "public/app/plugins/datasource/prometheus/img/prometheus_logo.svg", "access": "proxy", "url": url,
            "user": "", "database": "", "basicAuth": false, "isDefault": true, "readOnly": true,
            "jsonData": {"timeInterval": "1s", "exemplarTraceIdDestinations": [{"name": "trace_id", "datasourceUid": "jaeger"}]},
        })
    );
    assert_eq!(jaeger["secureJsonFields"], json!({"basicAuthPassword": true}));
    assert_eq!(jaeger["basicAuthUser"], "reader");
    assert!(!all.to_string().contains("pa$word") && !jaeger.to_string().contains("pa$word"));
    assert_eq!(stage.json("/api/datasources/name/Jaeger").await, jaeger);
}

#[tokio::test]
async fn health_asks_the_back_ends() {
    let stage = Stage::new().await;
    answer(&stage.prometheus, "/api/v1/query", 200, "scalar.json").await;
    answer(&stage.prometheus, "/api/v1/status/buildinfo", 200, "buildinfo.json").await;
    answer(&stage.jaeger, "/api/services", 200, "services.json").await;

    let prometheus = stage.json("/api/datasources/uid/prometheus/health").await;
    let jaeger = stage.json("/api/datasources/uid/jaeger/health").await;

    let details = json!({"application": "Prometheus", "features": {"rulerApiEnabled": false}});
    let well = "Successfully queried the Prometheus API.";
    assert_eq!(prometheus, json!({"status": "OK", "message": well, "details": details}));
    assert_eq!(jaeger, json!({"status": "OK", "message": "Data source is working"}));
}

#[tokio::test]
async fn health_says_what_is_wrong_with_a_back_end() {
    let stage = Stage::new().await;
    answer(&stage.jaeger, "/api/services", 503, "no_trace.json").await;

    let prometheus = stage.get("/api/datasources/uid/prometheus/health").await;
    let jaeger = stage.get("/api/datasources/uid/jaeger/health").await;

    // No recording is mounted for Prometheus: it answers 404.
    let told = "404 Not Found - There was an error returned querying the Prometheus API.";
    assert_eq!(
        (prometheus.status(), jaeger.status()),
        (reqwest::StatusCode::BAD_REQUEST, reqwest::StatusCode::BAD_REQUEST)
    );
    assert_eq!(prometheus.json::<serde_json::Value>().await.unwrap(), json!({"status": "ERROR", "message": told}));
    let jaeger: serde_json::Value = jaeger.json().await.unwrap();
    assert_eq!(jaeger["message"], "request failed: 503 Service Unavailable");
}

#[tokio::test]
async fn a_back_end_that_is_not_there_is_named_with_its_address() {
    let folder = tempfile::tempdir().unwrap();
    let sources = "
apiVersion: 1
datasources:
- {name: P, uid: p, type: prometheus, url: 'http://127.0.0.1:1'}
- {name: J, uid: j, type: jaeger, url: 'http://127.0.0.1:1/base'}
- {name: G, uid: g, type: prometheus, url: 'http://127.0.0.1:1', jsonData: {httpMethod: GET}}
";
    write(folder.path(), "datasources/all.yaml", sources);
    let grafana = standins::grafana().with_provisioning(folder.path()).run().await.unwrap();
    let client = crate::support::http::client();
    let health = async |uid: &str| {
        let url = format!("{}/api/datasources/uid/{uid}/health", grafana.url());
        let answer = client.get(url).basic_auth("admin", Some("admin")).send().await.unwrap();
        let body: serde_json::Value = answer.json().await.unwrap();
        body["message"].as_str().unwrap().to_owned()
    };

    let (posted, base, got) = (health("p").await, health("j").await, health("g").await);

    assert!(posted.starts_with(r#"Post "http://127.0.0.1:1/api/v1/query": Connection refused"#), "{posted}");
    assert!(base.starts_with(r#"Get "http://127.0.0.1:1/base/api/services": Connection refused"#), "{base}");
    assert!(got.starts_with(r#"Get "http://127.0.0.1:1/api/v1/query?query=1%2B1&time=4": "#), "{got}");
}

#[tokio::test]
async fn data_sources_that_are_not_there_are_refused_as_grafana_refuses_them() {
    let stage = Stage::new().await;

    for (path, status, message) in [
        ("/api/datasources/uid/none", 404, "Data source not found"),
        ("/api/datasources/uid/none/health", 500, "Unable to load datasource metadata"),
        ("/api/datasources/uid/no:ne/health", 400, "UID is invalid"),
        ("/api/datasources/uid/none/resources/api/v1/labels", 500, "Unable to load datasource meta data"),
        ("/api/datasources/proxy/uid/none/api/v1/labels", 404, "Unable to find datasource"),
    ] {
        let answer = stage.get(path).await;
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["message"], message, "{path}");
    }
}
