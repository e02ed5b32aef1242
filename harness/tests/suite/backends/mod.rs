//! The clients of real back ends, against answers recorded from them.

mod arrival;
mod jaeger;
mod prometheus;

use std::fs;
use std::path::Path;

use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A recorded answer.
fn recorded(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/backends").join(name);
    fs::read_to_string(path).expect("a recording")
}

/// A server that gives one answer at one path.
async fn answering(at: &str, status: u16, body: &str) -> MockServer {
    let server = MockServer::start().await;
    answer(&server, at, status, body).await;
    server
}

/// Adds an answer.
async fn answer(server: &MockServer, at: &str, status: u16, body: &str) {
    let template = ResponseTemplate::new(status).set_body_string(body);
    Mock::given(method("GET")).and(path(at)).respond_with(template).mount(server).await;
}

/// An address at which nobody listens.
async fn nowhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    format!("http://{}", listener.local_addr().expect("an address"))
}
