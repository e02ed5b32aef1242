//! The HTTP interface: one file an endpoint.

mod body;
mod documents;
mod drain;
mod error;
mod health;
mod metrics;
mod observed;
mod rag;
mod stream;
mod usage;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{get, post},
};
use tokio_util::sync::CancellationToken;

use self::error::ApiError;
use crate::pipeline::Pipeline;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) pipeline: Arc<Pipeline>,
    /// Of a request.
    pub(crate) max_body_bytes: usize,
    /// Cuts off what is still running when the shutdown's patience has ended.
    pub(crate) cut: CancellationToken,
}

/// All routes. Every one is observed, except for `/metrics`: a scrape every few seconds would be most of the traces.
pub(crate) fn router(api: Api) -> Router {
    let telemetry = api.pipeline.telemetry;
    let mut routes = Router::new()
        .route("/api/rag", post(rag::answer))
        .route("/api/rag/stream", post(stream::answer))
        .route("/api/documents", post(documents::ingest))
        .route("/api/usage", get(usage::report))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(api.cut.clone(), drain::cut_off));
    if telemetry.is_enabled() {
        let observer = observed::Observer::new(telemetry);
        routes = routes.layer(middleware::from_fn_with_state(observer, observed::observe));
    }
    // Added after the layers, which are for the routes before them.
    routes.route("/metrics", get(metrics::metrics)).with_state(api)
}
