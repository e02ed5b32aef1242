//! Who may ask.

use std::sync::Arc;

use axum::extract::{Request, State as Shared};
use axum::middleware::Next;
use axum::response::Response;
use http::{StatusCode, header};
use serde_json::json;

use super::reply::reply;
use crate::standins::grafana::state::State;

/// Lets through whoever gives the right user and password.
pub(super) async fn check(Shared(state): Shared<Arc<State>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default());
    match given {
        Some(authorization) if state.login.accepts(authorization) => next.run(request).await,
        Some(authorization) if authorization.to_lowercase().starts_with("basic ") => {
            refused("password-auth.failed", "Invalid username or password")
        }
        Some(_) => refused("api-key.invalid", "Invalid API key"),
        None => refused("auth.unauthorized", "Unauthorized"),
    }
}

fn refused(id: &str, message: &str) -> Response {
    let body = json!({ "extra": null, "message": message, "messageId": id, "statusCode": 401, "traceID": "" });
    reply(StatusCode::UNAUTHORIZED, body)
}
