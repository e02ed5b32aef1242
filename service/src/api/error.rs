//! Error answers: `{"error": {"type": …, "message": …}}`, without internal detail.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    clients::DependencyError,
    pipeline::{Stage, StageError},
    telemetry::Failure as _,
};

/// An error answer.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl ApiError {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "invalid_request", message: message.into() }
    }

    pub(crate) fn body_too_large(limit: usize) -> Self {
        let message = format!("the body is longer than {limit} bytes");
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, kind: "body_too_large", message }
    }

    pub(crate) fn not_found() -> Self {
        Self { status: StatusCode::NOT_FOUND, kind: "not_found", message: "there is no such route".to_owned() }
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "the route does not take this method: see the `allow` header".to_owned();
        Self { status: StatusCode::METHOD_NOT_ALLOWED, kind: "method_not_allowed", message }
    }

    pub(crate) fn shutting_down() -> Self {
        let message = "the service is shutting down".to_owned();
        Self { status: StatusCode::SERVICE_UNAVAILABLE, kind: "shutting_down", message }
    }

    /// A stage that failed, which is told the log, once, here.
    pub(crate) fn stage(error: &StageError) -> Self {
        log(error);
        let (status, kind) = match error.cause {
            DependencyError::Timeout => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
            DependencyError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "dependency_unavailable"),
            DependencyError::Http(_)
            | DependencyError::Grpc(_)
            | DependencyError::Reply(_)
            | DependencyError::Malformed => (StatusCode::BAD_GATEWAY, "dependency_error"),
        };
        Self { status, kind, message: message(error) }
    }

    /// What the client is told.
    pub(crate) fn body(&self) -> serde_json::Value {
        json!({ "error": { "type": self.kind, "message": self.message } })
    }
}

/// Names the stage; what exactly its dependency did is for the log and the trace.
fn message(error: &StageError) -> String {
    let what = match error.stage {
        Stage::Request => "the request",
        Stage::Cache => "the cache",
        Stage::Embedding => "the embedding model",
        Stage::Search => "the vector database",
        Stage::Rerank => "the reranker",
        Stage::Llm => "the chat model",
    };
    let did = match error.cause {
        DependencyError::Timeout => "did not answer in time",
        DependencyError::Unavailable => "cannot be reached",
        _ => "answered with an error",
    };
    format!("stage {}: {what} {did}", error.stage)
}

fn log(error: &StageError) {
    tracing::error!(
        stage = error.stage.as_str(),
        error_type = %error.error_type(),
        "a request failed at stage {}: {}",
        error.stage,
        error.cause
    );
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
