//! `GET /api/usage`: what the model server was asked, and what it costs.

use axum::{Json, extract::State};

use super::Api;
use crate::usage::UsageReport;

pub(super) async fn report(State(api): State<Api>) -> Json<UsageReport> {
    Json(api.pipeline.usage.report())
}
