//! Whether Prometheus answers.

use http::Method;
use serde_json::{Value, json};

use super::convert::Answer;
use super::run::send;
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::upstream::Upstream;

const FAILED: &str = "There was an error returned querying the Prometheus API.";

/// Asks for `1+1`.
///
/// # Errors
/// What is wrong, in Grafana's words.
pub(crate) async fn health(upstream: &Upstream, source: &DataSource) -> Result<Value, String> {
    one_and_one(upstream, source).await.map_err(|error| format!("{error} - {FAILED}"))?;

    let mut health = json!({"status": "OK", "message": "Successfully queried the Prometheus API."});
    // Grafana looks whether it is Mimir, and says what it found.
    let build_info = upstream.request(source, Method::GET, "api/v1/status/buildinfo");
    if upstream.send(build_info).await.is_ok_and(|answer| answer.status.is_success()) {
        health["details"] = json!({"application": "Prometheus", "features": {"rulerApiEnabled": false}});
    }
    Ok(health)
}

async fn one_and_one(upstream: &Upstream, source: &DataSource) -> Result<(), String> {
    let parameters = [("query", "1+1".to_owned()), ("time", "4".to_owned())];
    let answer = send(upstream, source, "api/v1/query", &parameters).await?;
    if !answer.status.is_success() {
        return Err(answer.status_line());
    }
    let read: Answer = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    if read.status == "success" { Ok(()) } else { Err(format!("{}: {}", read.error_type, read.error)) }
}
