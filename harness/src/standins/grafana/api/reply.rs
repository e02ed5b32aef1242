//! Bodies of answers, as Grafana words them.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

/// A JSON answer.
pub(super) fn reply(status: StatusCode, body: Value) -> Response {
    (status, Json(body)).into_response()
}

/// An error with nothing behind it.
pub(super) fn message(status: StatusCode, message: &str) -> Response {
    reply(status, json!({ "message": message }))
}

/// An error with a cause, which Grafana keeps for its log. No trace id: the stand-in makes no traces.
pub(super) fn caused(status: StatusCode, message: &str) -> Response {
    reply(status, json!({ "message": message, "traceID": "" }))
}

/// An error with an id.
pub(super) fn identified(status: StatusCode, id: &str, message: &str) -> Response {
    reply(status, json!({ "message": message, "messageId": id, "statusCode": status.as_u16(), "traceID": "" }))
}

/// A path that is not known.
pub(super) async fn not_found() -> Response {
    message(StatusCode::NOT_FOUND, "Not found")
}
