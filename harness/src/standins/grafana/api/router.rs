//! Which path is answered by what.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::reply::{not_found, reply};
use super::{auth, dashboards, data_sources, ds_query, forward, page};
use crate::standins::grafana::state::State;

/// What the stand-in says it is.
pub(super) const STAND_IN: &str = "otelgate's stand-in for Grafana, not Grafana";
/// The version of Grafana whose API it follows, and that this is not it.
const VERSION: &str = concat!("12.3.0-otelgate-stand-in.", env!("CARGO_PKG_VERSION"));

/// All routes.
pub(crate) fn router(state: Arc<State>) -> Router {
    let behind_login = Router::new()
        .route("/api/org", get(organisation))
        .route("/api/annotations", get(async || reply(StatusCode::OK, json!([]))))
        .route("/api/prometheus/grafana/api/v1/rules", get(rules))
        .route("/api/datasources", get(data_sources::all))
        .route("/api/datasources/uid/{uid}", get(data_sources::by_uid))
        .route("/api/datasources/name/{name}", get(data_sources::by_name))
        .route("/api/datasources/uid/{uid}/health", get(data_sources::health))
        .route("/api/datasources/uid/{uid}/resources/{*path}", any(forward::resource))
        .route("/api/datasources/proxy/uid/{uid}/{*path}", any(forward::proxy))
        .route("/api/search", get(dashboards::search))
        .route("/api/dashboards/uid/{uid}", get(dashboards::by_uid))
        .route("/api/ds/query", post(ds_query::query))
        .route("/api/otelgate/problems", get(problems))
        .route_layer(from_fn_with_state(Arc::clone(&state), auth::check));

    Router::new()
        .route("/healthz", get(async || "Ok"))
        .route("/api/health", get(health))
        .route("/", get(page::home))
        .route("/d/{uid}", get(page::dashboard))
        .route("/d/{uid}/{slug}", get(page::dashboard_with_slug))
        .merge(behind_login)
        .fallback(not_found)
        .method_not_allowed_fallback(not_found)
        .with_state(state)
        .layer(map_response(marked))
}

/// Marks an answer as the stand-in's.
async fn marked(mut response: Response) -> Response {
    response.headers_mut().insert("x-otelgate-stand-in", HeaderValue::from_static("grafana"));
    response
}

async fn health() -> Response {
    let body = json!({ "database": "ok", "version": VERSION, "commit": "", "standIn": STAND_IN });
    let text = format!("{body:#}");
    ([(header::CONTENT_TYPE, "application/json; charset=UTF-8")], text).into_response()
}

async fn organisation() -> Response {
    let nowhere = json!({ "address1": "", "address2": "", "city": "", "zipCode": "", "state": "", "country": "" });
    reply(StatusCode::OK, json!({ "id": 1, "name": "Main Org.", "address": nowhere }))
}

async fn rules() -> Response {
    reply(StatusCode::OK, json!({ "status": "success", "data": { "groups": [] } }))
}

async fn problems(Shared(state): Shared<Arc<State>>) -> Response {
    let problems: Vec<Value> =
        state.problems.iter().map(|problem| json!({ "place": problem.place(), "message": problem.message })).collect();
    reply(StatusCode::OK, json!(problems))
}
