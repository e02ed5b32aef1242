//! `GET /metrics`: Prometheus' text format, or OpenMetrics for those who ask for it.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::IntoResponse,
};

use super::{Api, error::ApiError};
use crate::telemetry::ExpositionFormat;

pub(super) async fn metrics(State(api): State<Api>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format = ExpositionFormat::preferred(accept);
    let text = api.pipeline.telemetry.exposition(format).ok_or_else(ApiError::not_found)?;
    Ok(([(header::CONTENT_TYPE, format.content_type()), (header::VARY, "accept")], text))
}
