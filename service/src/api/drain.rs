//! The end of the shutdown's patience.

use axum::{
    body::Body,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;

use super::error::ApiError;

/// Ends a request when `cut` is cancelled: a handler that still works is dropped, a body that is still sent stops.
/// What they hold (spans among it) ends with them, before telemetry is flushed.
pub(super) async fn cut_off(State(cut): State<CancellationToken>, request: Request, next: Next) -> Response {
    let response = tokio::select! {
        response = next.run(request) => response,
        () = cut.cancelled() => return ApiError::shutting_down().into_response(),
    };
    // A body of known length is in memory already.
    if http_body::Body::size_hint(response.body()).exact().is_some() {
        return response;
    }
    response.map(|body| Body::from_stream(body.into_data_stream().take_until(cut.cancelled_owned())))
}
