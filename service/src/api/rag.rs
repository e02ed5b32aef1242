//! `POST /api/rag`: a question, answered.

use std::time::Instant;

use axum::{Json, body::Body, extract::State};
use serde::Deserialize;

use super::{Api, body, error::ApiError};
use crate::pipeline::{Answer, Question, Stage};

/// The body of both query endpoints.
#[derive(Deserialize)]
struct QueryRequest {
    query: String,
    topic_ids: Vec<String>,
}

pub(super) async fn answer(State(api): State<Api>, body: Body) -> Result<Json<Answer>, ApiError> {
    let started = Instant::now();
    let question = question(&api, body).await?;
    let answer = api.pipeline.answer(&question).await.map_err(|error| ApiError::stage(&error))?;
    log_answer(answer.sources.len(), answer.cached, started);
    Ok(Json(answer))
}

/// Reads the question; one that cannot be read counts as an error of stage `request`.
pub(super) async fn question(api: &Api, body: Body) -> Result<Question, ApiError> {
    let question = async {
        let request: QueryRequest = body::read(body, api.max_body_bytes).await?;
        Question::new(&request.query, request.topic_ids).map_err(ApiError::bad_request)
    };
    question.await.inspect_err(|_| {
        if let Some(metrics) = api.pipeline.telemetry.metrics() {
            metrics.rag.query_error(Stage::Request);
        }
    })
}

pub(super) fn log_answer(sources: usize, cached: bool, started: Instant) {
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(sources, cached, duration_ms, "answered a query");
}
