//! A stand-in with two back ends that answer what was recorded.

use std::path::Path;
use std::time::Duration;

use otelgate_harness::standins::{self, Grafana};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::matchers::{body_string_contains, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::http;

/// When the answers were recorded, in milliseconds: the last point, and the first.
pub(super) const TO: i64 = 1_795_521_880_000;
pub(super) const FROM: i64 = TO - 4_000;

pub(super) struct Stage {
    pub(super) grafana: Grafana,
    pub(super) prometheus: MockServer,
    pub(super) jaeger: MockServer,
    folder: TempDir,
    client: reqwest::Client,
}

impl Stage {
    /// Both data sources, one dashboard.
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write(
            folder.path(),
            "boards/rag.json",
            &json!({"title": "RAG pipeline", "uid": "rag", "tags": ["rag"]}).to_string(),
        );
        Self::on(folder).await
    }

    /// Both data sources, and the dashboards in the folder `boards`.
    pub(super) async fn on(folder: TempDir) -> Self {
        let (prometheus, jaeger) = (MockServer::start().await, MockServer::start().await);
        write(folder.path(), "provisioning/datasources/all.yaml", DATA_SOURCES);
        write(folder.path(), "provisioning/dashboards/all.yaml", PROVIDERS);
        let urls = [("PROMETHEUS_URL", prometheus.uri()), ("JAEGER_URL", jaeger.uri())];
        let grafana = standins::grafana()
            .with_provisioning(folder.path().join("provisioning"))
            .with_path("/var/lib/grafana/dashboards", folder.path().join("boards"))
            .with_environment(move |name| urls.iter().find(|(known, _)| *known == name).map(|(_, url)| url.clone()))
            .run()
            .await
            .unwrap();
        Self { grafana, prometheus, jaeger, folder, client: http::client() }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks as the administrator.
    pub(super) async fn get(&self, path: &str) -> Response {
        self.client.get(self.url(path)).basic_auth("admin", Some("admin")).send().await.unwrap()
    }

    /// Asks as the administrator, and reads the answer.
    pub(super) async fn json(&self, path: &str) -> Value {
        self.get(path).await.json().await.unwrap()
    }

    /// Asks without saying who asks.
    pub(super) fn anonymous(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(path))
    }

    /// Posts as the administrator.
    pub(super) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.client.post(self.url(path)).basic_auth("admin", Some("admin")).json(body);
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Puts one query of the recorded time.
    pub(super) async fn query(&self, uid: &str, query: Value) -> (StatusCode, Value) {
        let mut query = query;
        query["refId"] = json!("A");
        query["datasource"] = json!({ "uid": uid });
        let request = json!({ "from": FROM.to_string(), "to": TO.to_string(), "queries": [query] });
        let (status, body) = self.post("/api/ds/query", &request).await;
        (status, body["results"]["A"].clone())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.grafana.url())
    }
}

/// Makes a back end answer what was recorded for a path.
pub(super) async fn answer(server: &MockServer, at: &str, status: u16, recorded: &str) {
    Mock::given(path(at)).respond_with(recording(status, recorded)).mount(server).await;
}

/// Makes a back end answer what was recorded for a path, if the form it is sent contains a text.
pub(super) async fn answer_to(server: &MockServer, at: &str, containing: &str, recorded: &str) {
    let mock = Mock::given(path(at)).and(body_string_contains(containing));
    mock.respond_with(recording(200, recorded)).mount(server).await;
}

fn recording(status: u16, recorded: &str) -> ResponseTemplate {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/grafana/recorded").join(recorded);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    ResponseTemplate::new(status).set_body_raw(text, "application/json").set_delay(Duration::ZERO)
}

/// Writes a file, and the folders above it.
pub(super) fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(super) const DATA_SOURCES: &str = "
apiVersion: 1
datasources:
- name: Prometheus
  uid: prometheus
  type: prometheus
  url: $PROMETHEUS_URL
  isDefault: true
  jsonData:
    timeInterval: 1s
    exemplarTraceIdDestinations: [{name: trace_id, datasourceUid: jaeger}]
- name: Jaeger
  uid: jaeger
  type: jaeger
  url: ${JAEGER_URL}
  basicAuth: true
  basicAuthUser: reader
  secureJsonData: {basicAuthPassword: pa$$word}
";

const PROVIDERS: &str = "
apiVersion: 1
providers:
- {name: rag, folder: RAG, type: file, options: {path: /var/lib/grafana/dashboards}}
";
