//! `GET /health`: the process. `GET /ready`: its dependencies.

use std::{future::Future, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::Api;
use crate::{clients::DependencyError, telemetry::Failure as _};

/// How long a dependency has to say that it is there.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
pub(super) struct Ready {
    /// `ready`, `degraded` (queries work, without the cache) or `unavailable`.
    status: &'static str,
    dependencies: Dependencies,
}

#[derive(Serialize)]
struct Dependencies {
    vectors: DependencyState,
    cache: DependencyState,
    model: DependencyState,
    #[serde(skip_serializing_if = "Option::is_none")]
    reranker: Option<DependencyState>,
}

#[derive(Serialize)]
struct DependencyState {
    /// `up` or `down`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 503 if queries cannot be answered. All dependencies are asked at once.
pub(super) async fn ready(State(api): State<Api>) -> (StatusCode, Json<Ready>) {
    let pipeline = &api.pipeline;
    let reranker = async {
        match &pipeline.reranker {
            Some(reranker) => Some(state(reranker.server().probe(PATIENCE)).await),
            None => None,
        }
    };
    let (vectors, cache, model, reranker) = futures::join!(
        state(pipeline.vectors.health_check()),
        state(pipeline.cache.ping()),
        state(pipeline.model.server().probe(PATIENCE)),
        reranker,
    );
    let needed_up = [Some(&vectors), Some(&model), reranker.as_ref()].into_iter().flatten().all(DependencyState::is_up);
    let (code, status) = match (needed_up, cache.is_up()) {
        (true, true) => (StatusCode::OK, "ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    (code, Json(Ready { status, dependencies: Dependencies { vectors, cache, model, reranker } }))
}

async fn state(probe: impl Future<Output = Result<(), DependencyError>>) -> DependencyState {
    match tokio::time::timeout(PATIENCE, probe).await.unwrap_or(Err(DependencyError::Timeout)) {
        Ok(()) => DependencyState { state: "up", reason: None },
        Err(error) => DependencyState { state: "down", reason: Some(error.error_type().into_owned()) },
    }
}

impl DependencyState {
    fn is_up(&self) -> bool {
        self.state == "up"
    }
}
