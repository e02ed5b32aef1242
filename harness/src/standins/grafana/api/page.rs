//! A page for a person who expected Grafana.

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Path, State as Shared};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use serde_json::Value;

use super::router::STAND_IN;
use crate::standins::grafana::provisioning::Dashboard;
use crate::standins::grafana::state::State;

/// What this is, and the dashboards.
pub(super) async fn home(Shared(state): Shared<Arc<State>>) -> Response {
    let mut body = String::from("<h2>Dashboards</h2><ul>");
    for dashboard in &state.dashboards {
        let (url, title) = (escape(&dashboard.url()), escape(&dashboard.title));
        // Here and below: writing into a string cannot fail.
        let _ = write!(body, "<li><a href=\"{url}\">{title}</a> ({})</li>", escape(&dashboard.tags.join(", ")));
    }
    body.push_str("</ul><h2>Data sources</h2><ul>");
    for source in &state.data_sources {
        let _ = write!(body, "<li>{}: {} at {}</li>", escape(&source.name), escape(&source.kind), escape(&source.url));
    }
    body.push_str("</ul>");
    if !state.problems.is_empty() {
        body.push_str("<h2>Problems of the provisioning files</h2><ul>");
        for problem in &state.problems {
            let _ = write!(body, "<li>{}</li>", escape(&problem.to_string()));
        }
        body.push_str("</ul>");
    }
    Html(page("Dashboards", &body)).into_response()
}

/// The panels of one dashboard and what they ask.
pub(super) async fn dashboard(Shared(state): Shared<Arc<State>>, Path(uid): Path<String>) -> Response {
    if let Some(dashboard) = state.dashboard(&uid) {
        return Html(page(&dashboard.title, &panels(dashboard))).into_response();
    }
    let body = "<p>There is no such dashboard. <a href=\"/\">All dashboards</a></p>";
    (StatusCode::NOT_FOUND, Html(page("Not found", body))).into_response()
}

/// The same with the title in the address.
pub(super) async fn dashboard_with_slug(state: Shared<Arc<State>>, Path((uid, _)): Path<(String, String)>) -> Response {
    dashboard(state, Path(uid)).await
}

fn panels(dashboard: &Dashboard) -> String {
    let mut body = format!("<p><a href=\"/\">All dashboards</a></p><h2>{}</h2>", escape(&dashboard.title));
    list_panels(&dashboard.json, &mut body);
    body
}

fn list_panels(holder: &Value, body: &mut String) {
    for panel in holder["panels"].as_array().into_iter().flatten() {
        let text = |key: &str| escape(panel[key].as_str().unwrap_or_default());
        let _ = write!(body, "<h3>{} <small>{}</small></h3>", text("title"), text("type"));
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().or(target["query"].as_str()).unwrap_or_default();
            let _ = write!(body, "<pre>{}</pre>", escape(query));
        }
        // A row keeps its panels when it is folded.
        list_panels(panel, body);
    }
}

fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} - stand-in</title></head><body>\
         <h1>This is not Grafana</h1><p>This is {STAND_IN}. It serves Grafana's HTTP API from the provisioning files \
         and draws nothing. With Grafana's own image the same files show the same dashboards.</p>{body}</body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
