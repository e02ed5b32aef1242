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
    routing::{MethodRouter, get, post},
};
use tokio_util::sync::CancellationToken;
use tower::util::Either;

use self::error::ApiError;
pub use self::observed::{Observed, Observing};
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

/// What is scraped.
const METRICS: &str = "/metrics";

/// What answers requests: the routes, observed if telemetry is on. Nothing is around them if it is off.
pub type Service = Either<Observed, Router>;

pub(crate) fn service(api: Api) -> Service {
    let telemetry = api.pipeline.telemetry;
    let router = router(api);
    if telemetry.is_enabled() {
        Either::Left(Observed::new(router, telemetry, &routes().map(|(path, _)| path)))
    } else {
        Either::Right(router)
    }
}

/// The routes that are observed, which is all but one: scrapes every few seconds would be most of the traces.
fn routes() -> [(&'static str, MethodRouter<Api>); 6] {
    [
        ("/api/rag", post(rag::answer)),
        ("/api/rag/stream", post(stream::answer)),
        ("/api/documents", post(documents::ingest)),
        ("/api/usage", get(usage::report)),
        ("/health", get(health::health)),
        ("/ready", get(health::ready)),
    ]
}

fn router(api: Api) -> Router {
    routes()
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods))
        .fallback(async || ApiError::not_found())
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(api.cut.clone(), drain::cut_off))
        // Added after the layer, which is for the routes before it.
        .route(METRICS, get(metrics::metrics))
        .with_state(api)
}
