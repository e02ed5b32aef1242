//! Data sources, and whether what is behind them answers.

use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::reply::{caused, identified, message, reply};
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::state::State;
use crate::standins::grafana::{jaeger, prometheus};

/// The longest uid.
const LONGEST_UID: usize = 40;

pub(super) async fn all(Shared(state): Shared<Arc<State>>) -> Response {
    let entry = |source: &DataSource| {
        let mut entry = common(source);
        entry["typeName"] = json!(type_name(&source.kind));
        entry
    };
    reply(StatusCode::OK, state.data_sources.iter().map(entry).collect())
}

pub(super) async fn by_uid(Shared(state): Shared<Arc<State>>, Path(uid): Path<String>) -> Response {
    one(state.data_source(&uid))
}

pub(super) async fn by_name(Shared(state): Shared<Arc<State>>, Path(name): Path<String>) -> Response {
    one(state.data_sources.iter().find(|source| source.name == name))
}

pub(super) async fn health(Shared(state): Shared<Arc<State>>, Path(uid): Path<String>) -> Response {
    if !is_uid(&uid) {
        return message(StatusCode::BAD_REQUEST, "UID is invalid");
    }
    let Some(source) = state.data_source(&uid) else {
        return caused(StatusCode::INTERNAL_SERVER_ERROR, "Unable to load datasource metadata");
    };
    let health = match source.kind.as_str() {
        "prometheus" => prometheus::health(&state.upstream, source).await,
        "jaeger" => jaeger::health(&state.upstream, source).await,
        _ => return no_plugin(),
    };
    match health {
        Ok(health) => reply(StatusCode::OK, health),
        Err(error) => reply(StatusCode::BAD_REQUEST, json!({ "status": "ERROR", "message": error })),
    }
}

/// Whether a text can be a uid.
pub(super) fn is_uid(text: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    text.len() <= LONGEST_UID && text.chars().all(plain)
}

/// The answer where a data source is of a type nobody knows.
pub(super) fn no_plugin() -> Response {
    identified(StatusCode::NOT_FOUND, "plugin.notRegistered", "Plugin not registered")
}

fn one(source: Option<&DataSource>) -> Response {
    let Some(source) = source else { return message(StatusCode::NOT_FOUND, "Data source not found") };
    let secure: Map<String, Value> = source
        .secure
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| (name.clone(), Value::Bool(true)))
        .collect();
    let mut body = common(source);
    body["basicAuthUser"] = json!(source.basic_auth_user);
    body["withCredentials"] = json!(source.with_credentials);
    body["secureJsonFields"] = json!(secure);
    body["version"] = json!(1);
    body["apiVersion"] = json!("");
    reply(StatusCode::OK, body)
}

fn common(source: &DataSource) -> Value {
    json!({
        "id": source.id,
        "uid": source.uid,
        "orgId": 1,
        "name": source.name,
        "type": source.kind,
        "typeLogoUrl": logo(&source.kind),
        "access": source.access,
        "url": source.url,
        "user": source.user,
        "database": source.database,
        "basicAuth": source.basic_auth,
        "isDefault": source.is_default,
        "jsonData": source.json_data,
        "readOnly": !source.editable,
    })
}

fn type_name(kind: &str) -> &str {
    match kind {
        "prometheus" => "Prometheus",
        "jaeger" => "Jaeger",
        other => other,
    }
}

fn logo(kind: &str) -> String {
    match kind {
        "prometheus" => "public/app/plugins/datasource/prometheus/img/prometheus_logo.svg".to_owned(),
        "jaeger" => "public/app/plugins/datasource/jaeger/img/jaeger_logo.svg".to_owned(),
        _ => "public/img/icn-datasource.svg".to_owned(),
    }
}
