//! Requests that go through to the back end.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State as Shared};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use serde_json::json;

use super::data_sources::{is_uid, no_plugin};
use super::reply::{caused, identified, message, reply};
use crate::standins::grafana::jaeger;
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::state::State;
use crate::standins::grafana::upstream::{Answer, Upstream, escape};

/// Paths of Prometheus that know no `POST`.
const GET_ONLY: &[&str] = &[
    "api/v1/label/",
    "api/v1/metadata",
    "api/v1/targets",
    "api/v1/rules",
    "api/v1/alerts",
    "api/v1/alertmanagers",
    "api/v1/status/",
    "api/v1/notifications",
];

/// What the plug-in of a data source offers its editors.
pub(super) async fn resource(
    Shared(state): Shared<Arc<State>>,
    Path((uid, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    if !is_uid(&uid) {
        return message(StatusCode::BAD_REQUEST, "UID is invalid");
    }
    let Some(source) = state.data_source(&uid) else {
        return caused(StatusCode::INTERNAL_SERVER_ERROR, "Unable to load datasource meta data");
    };
    let query = query.unwrap_or_default();
    match source.kind.as_str() {
        "prometheus" => prometheus(&state.upstream, source, &path, &query, body).await,
        "jaeger" => services(&state.upstream, source, &path).await,
        _ => no_plugin(),
    }
}

/// Sends a request to Prometheus as `POST` where it can be, as Grafana does, and as `GET` where that is refused.
async fn prometheus(upstream: &Upstream, source: &DataSource, path: &str, query: &str, body: Bytes) -> Response {
    let form = String::from_utf8_lossy(&body).into_owned();
    let parameters =
        if form.is_empty() || query.is_empty() { format!("{query}{form}") } else { format!("{query}&{form}") };
    let get = || upstream.request(source, Method::GET, &format!("{path}?{parameters}"));
    let post = || {
        let request = upstream.request(source, Method::POST, &format!("{path}?{query}"));
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone())
    };

    let only_get = source.text("httpMethod").eq_ignore_ascii_case("get");
    let only_get = only_get || GET_ONLY.iter().any(|beginning| path.starts_with(beginning));
    let mut answer = upstream.send(if only_get { get() } else { post() }).await;
    let refused = |answer: &Answer| matches!(answer.status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST);
    if !only_get && answer.as_ref().is_ok_and(refused) {
        answer = upstream.send(get()).await;
    }
    match answer {
        Ok(answer) => passed_on(answer),
        Err(error) => {
            tracing::warn!(error, "a back end gave no answer");
            let text = "An error occurred within the plugin";
            identified(StatusCode::INTERNAL_SERVER_ERROR, "plugin.requestFailureError", text)
        }
    }
}

/// The names of Jaeger's services and operations.
async fn services(upstream: &Upstream, source: &DataSource, path: &str) -> Response {
    let path = match path.split('/').collect::<Vec<_>>()[..] {
        ["services"] => "api/services".to_owned(),
        ["services", service, "operations"] => format!("api/services/{}/operations", escape(service)),
        _ => return (StatusCode::NOT_FOUND, "404 page not found\n").into_response(),
    };
    match jaeger::names(upstream, source, &path).await {
        Ok(names) => reply(StatusCode::OK, json!(names)),
        Err(error) => {
            tracing::warn!(error, "a back end gave no answer");
            (StatusCode::INTERNAL_SERVER_ERROR, "An error occurred within the plugin\n").into_response()
        }
    }
}

/// The back end itself, with the credentials of the data source.
pub(super) async fn proxy(
    Shared(state): Shared<Arc<State>>,
    Path((uid, path)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !is_uid(&uid) {
        return message(StatusCode::BAD_REQUEST, "UID is invalid");
    }
    let Some(source) = state.data_source(&uid) else {
        return caused(StatusCode::NOT_FOUND, "Unable to find datasource");
    };
    if source.kind == "prometheus" && (method == Method::DELETE || method == Method::PUT) {
        let text = format!("non allow-listed {method}s not allowed on proxied Prometheus datasource");
        return message(StatusCode::FORBIDDEN, &text);
    }
    let path = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut request = state.upstream.request(source, method, &path).body(body);
    for name in [header::CONTENT_TYPE, header::ACCEPT] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    match state.upstream.send(request).await {
        Ok(answer) => passed_on(answer),
        Err(error) => {
            tracing::warn!(error, "a back end gave no answer");
            (StatusCode::BAD_GATEWAY, format!("Bad Gateway: {error}")).into_response()
        }
    }
}

/// An answer of a back end, without what belongs to its connection.
fn passed_on(answer: Answer) -> Response {
    let mut headers = answer.headers;
    for name in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::SET_COOKIE] {
        headers.remove(name);
    }
    (answer.status, headers, answer.body).into_response()
}
