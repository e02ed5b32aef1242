//! The service's routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use crate::faults::{Fate, FaultConfig, spin};
use crate::instrument::Instrument;
use crate::pipeline::{Pipeline, Question};

/// What the process ends with when it is told to die: `EX_SOFTWARE` of sysexits.
const DIED: i32 = 70;

struct App<I> {
    pipeline: Pipeline<I>,
    faults: FaultConfig,
    asked: AtomicU64,
}

/// The routes: `POST /ask` is instrumented, the others are not.
pub(crate) fn router<I: Instrument>(pipeline: Pipeline<I>, faults: FaultConfig) -> Router {
    let app = Arc::new(App { pipeline, faults, asked: AtomicU64::new(0) });
    Router::new()
        .route("/ask", post(ask::<I>))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), observe::<I>))
        .route("/health", get(|| async { Json(json!({"status": "ok"})) }))
        .route("/ready", get(|| async { Json(json!({"status": "ready"})) }))
        .route("/metrics", get(metrics::<I>))
        .with_state(app)
}

async fn ask<I: Instrument>(State(app): State<Arc<App<I>>>, headers: HeaderMap, body: Bytes) -> Response {
    let number = app.asked.fetch_add(1, Ordering::Relaxed) + 1;
    spin(app.faults.spin_request);
    match app.faults.fate(number) {
        Fate::Serve => {}
        Fate::Refuse => return problem(StatusCode::INTERNAL_SERVER_ERROR, "refused, as REFUSE_AFTER says"),
        #[expect(clippy::disallowed_methods, reason = "to end without a word is the fault that was asked for")]
        Fate::Die => std::process::exit(DIED),
    }
    let question = match question(&headers, &body) {
        Ok(question) => question,
        Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
    };
    let mut answer = app.pipeline.answer(&question).await;
    answer.text.push_str(&app.faults.answer_salt);
    Json(answer).into_response()
}

/// Reads a question: JSON, if it is said to be, or else text.
fn question(headers: &HeaderMap, body: &[u8]) -> Result<Question, String> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let question = if content_type.is_some_and(|content_type| content_type.starts_with("application/json")) {
        serde_json::from_slice(body).map_err(|error| format!("not a question: {error}; send {{\"query\": \"…\"}}"))?
    } else {
        let text = std::str::from_utf8(body).map_err(|_| "the question is not UTF-8".to_owned())?;
        Question { text: text.to_owned() }
    };
    if question.text.trim().is_empty() { Err("the question is empty".to_owned()) } else { Ok(question) }
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"error": message}))).into_response()
}

async fn observe<I: Instrument>(State(app): State<Arc<App<I>>>, request: Request, next: Next) -> Response {
    let active = app.pipeline.metrics.begin_request();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = app.pipeline.spans.request(request, next).await;
    active.answered(route.as_ref().map_or("", MatchedPath::as_str), response.status().as_u16());
    response
}

async fn metrics<I: Instrument>(State(app): State<Arc<App<I>>>) -> Response {
    match app.pipeline.metrics.exposition() {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}
