//! `GET /metrics`: Prometheus' text format.

use axum::{extract::State, http::header, response::IntoResponse};

use super::{Api, error::ApiError};

pub(super) async fn metrics(State(api): State<Api>) -> Result<impl IntoResponse, ApiError> {
    let text = api.pipeline.telemetry.exposition().ok_or_else(ApiError::not_found)?;
    Ok(([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text))
}
