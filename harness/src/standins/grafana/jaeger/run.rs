//! Runs queries against Jaeger.

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::{Answer, Trace};
use super::search::Search;
use super::{search, trace};
use crate::standins::grafana::frame::Frame;
use crate::standins::grafana::provisioning::DataSource;
use crate::standins::grafana::query::{Query, QueryError, QueryResult};
use crate::standins::grafana::upstream::{Upstream, encode, escape};

/// Answers one query: of a trace by its id (no `queryType`), or `search`.
pub(crate) async fn run(upstream: &Upstream, source: &DataSource, query: &Query) -> QueryResult {
    let frame = match query.model["queryType"].as_str().unwrap_or_default() {
        "" => by_id(upstream, source, query).await,
        "search" => found(upstream, source, query).await,
        "upload" => Err("unsupported query type upload. only available in frontend mode".to_owned()),
        // Grafana draws the dependency graph here; no panel of ours does.
        other => return QueryError::plugin(format!("query type {other:?} is not known to this stand-in")).into(),
    };
    match frame {
        Ok(frame) => QueryResult { error: None, frames: Some(vec![frame]) },
        Err(error) => QueryError::downstream(error, 500).into(),
    }
}

async fn by_id(upstream: &Upstream, source: &DataSource, query: &Query) -> Result<Frame, String> {
    let id = query.model["query"].as_str().unwrap_or_default();
    if id.is_empty() {
        return Err("traceID is empty".to_owned());
    }
    let traces: Vec<Trace> = get(upstream, source, &format!("api/traces/{}", escape(id))).await?;
    let trace = traces.first().ok_or("the answer holds no trace")?;
    Ok(trace::frame(trace, &query.ref_id))
}

async fn found(upstream: &Upstream, source: &DataSource, query: &Query) -> Result<Frame, String> {
    let search: Search = serde_json::from_value(query.model.clone())
        .map_err(|error| format!("error while parsing the query json. {error}"))?;
    let path = format!("api/traces?{}", encode(&search.parameters(query.range)));
    let traces: Vec<Trace> = get(upstream, source, &path).await?;
    Ok(search::frame(&traces, source))
}

/// Asks for the services.
///
/// # Errors
/// What is wrong.
pub(crate) async fn health(upstream: &Upstream, source: &DataSource) -> Result<Value, String> {
    names(upstream, source, "api/services").await?;
    Ok(json!({"status": "OK", "message": "Data source is working"}))
}

/// The names of services or operations.
pub(crate) async fn names(upstream: &Upstream, source: &DataSource, path: &str) -> Result<Vec<String>, String> {
    get(upstream, source, path).await
}

async fn get<T: DeserializeOwned>(upstream: &Upstream, source: &DataSource, path: &str) -> Result<Vec<T>, String> {
    if source.url.is_empty() {
        return Err("error reading settings: url is empty".to_owned());
    }
    let answer = upstream.send(upstream.request(source, Method::GET, path)).await?;
    if !answer.status.is_success() {
        return Err(format!("request failed: {}", answer.status_line()));
    }
    let read: Result<Answer<T>, _> = serde_json::from_slice(&answer.body);
    read.map(|answer| answer.data.unwrap_or_default())
        .map_err(|error| format!("failed to decode Jaeger response: {error}"))
}
