//! `POST /api/ds/query`: queries of panels, variables and annotations.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::response::Response;
use bytes::Bytes;
use futures::future::join_all;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::data_sources::no_plugin;
use super::reply::{caused, identified, reply};
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::query::{Query, QueryError, QueryResult};
use crate::standins::grafana::state::State;
use crate::standins::grafana::time_range::TimeRange;
use crate::standins::grafana::{jaeger, prometheus};

#[derive(Debug, Deserialize)]
struct Request {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    queries: Vec<Value>,
}

/// Answers all queries of a request. One unknown data source and none is answered; one that fails, and the rest are.
pub(super) async fn query(Shared(state): Shared<Arc<State>>, body: Bytes) -> Response {
    let Ok(request) = serde_json::from_slice::<Request>(&body) else {
        return caused(StatusCode::BAD_REQUEST, "bad request data");
    };
    if request.queries.is_empty() {
        return identified(StatusCode::BAD_REQUEST, "query.noQueries", "No queries found");
    }
    let range = TimeRange::parse(&request.from, &request.to, jiff::Timestamp::now());
    let mut queries = Vec::new();
    for model in request.queries {
        match data_source(&state, &model) {
            Ok(source) => queries.push((source, Query::new(model, range))),
            Err(refused) => return *refused,
        }
    }
    let one_source = queries.iter().all(|(source, _)| source.uid == queries[0].0.uid);
    if one_source && !is_known(queries[0].0) {
        return no_plugin();
    }

    let answers = queries.iter().map(async |(source, query)| (query, run(&state, source, query).await));
    let answers = join_all(answers).await;
    let failed = answers.iter().any(|(_, result)| result.error.is_some());
    let results: Map<String, Value> =
        answers.iter().map(|(query, result)| (query.ref_id.clone(), result.to_json(&query.ref_id))).collect();
    reply(if failed { StatusCode::BAD_REQUEST } else { StatusCode::OK }, json!({ "results": results }))
}

fn data_source<'s>(state: &'s State, model: &Value) -> Result<&'s DataSource, Box<Response>> {
    // Before Grafana 8.3 a name stood where now an object stands.
    let named = &model["datasource"];
    let uid = named["uid"].as_str().or(named.as_str()).unwrap_or_default();
    let source = match (uid, model["datasourceId"].as_u64().and_then(|id| usize::try_from(id).ok())) {
        ("__expr__" | "-100", _) => {
            let message = "expressions are not known to this stand-in for Grafana; query a data source";
            return Err(Box::new(identified(StatusCode::NOT_IMPLEMENTED, "otelgate.noExpressions", message)));
        }
        ("", None | Some(0)) => {
            let message = "Query does not contain a valid data source identifier";
            return Err(Box::new(identified(StatusCode::BAD_REQUEST, "query.invalidDatasourceId", message)));
        }
        ("", Some(id)) => state.data_sources.iter().find(|source| source.id == id),
        (uid, _) => state.data_source(uid),
    };
    source.ok_or_else(|| Box::new(caused(StatusCode::NOT_FOUND, "Data source not found")))
}

fn is_known(source: &DataSource) -> bool {
    matches!(source.kind.as_str(), "prometheus" | "jaeger")
}

async fn run(state: &State, source: &DataSource, query: &Query) -> QueryResult {
    match source.kind.as_str() {
        "prometheus" => prometheus::run(&state.upstream, source, query).await,
        "jaeger" => jaeger::run(&state.upstream, source, query).await,
        _ => QueryError::plugin("plugin not registered").into(),
    }
}
