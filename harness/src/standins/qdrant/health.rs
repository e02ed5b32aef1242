//! Health checks, over gRPC and REST. Clients also ask them for the version.

use axum::routing::get;
use axum::{Json, Router};
use qdrant_client::qdrant::qdrant_server::Qdrant;
use qdrant_client::qdrant::{HealthCheckReply, HealthCheckRequest};
use serde_json::json;
use tonic::{Request, Response, Status};

use super::Engine;
use super::rpc::{Done, Server};

/// The version of the API spoken. Clients warn if it is more than one minor version from their own.
const API: &str = "1.20.0";

/// The version of the crate `qdrant-edge` the workspace is locked to.
#[cfg(feature = "qdrant-edge")]
const EDGE: &str = "0.7.2";

impl Engine {
    /// What this server is. Qdrant says "qdrant - vector search engine" here; nobody shall take the one for the other.
    fn title(self) -> String {
        match self {
            Self::Exact => "otelgate stand-in over an exact search".to_owned(),
            #[cfg(feature = "qdrant-edge")]
            Self::QdrantEdge => format!("otelgate stand-in over qdrant-edge {EDGE}"),
        }
    }

    /// The version of the API, and after the plus what speaks it: clients leave that out when they compare, as semantic
    /// versioning asks.
    fn version(self) -> String {
        match self {
            Self::Exact => format!("{API}+otelgate.exact-search"),
            #[cfg(feature = "qdrant-edge")]
            Self::QdrantEdge => format!("{API}+otelgate.qdrant-edge-{EDGE}"),
        }
    }
}

#[tonic::async_trait]
impl Qdrant for Server {
    async fn health_check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckReply>, Status> {
        self.read("/qdrant.Qdrant/HealthCheck", request, |store, _| {
            let (title, version) = (store.engine().title(), store.engine().version());
            Ok(Done::plain(HealthCheckReply { title, version, commit: None }))
        })
        .await
    }
}

/// The part of the REST API that asks about health, with Qdrant's answers. It neither shows faults nor is recorded.
pub(super) fn rest(engine: Engine) -> Router {
    let about = Json(json!({"title": engine.title(), "version": engine.version()}));
    Router::new()
        .route("/", get(|| async { about }))
        .route("/healthz", get(|| async { "healthz check passed" }))
        .route("/livez", get(|| async { "livez check passed" }))
        .route("/readyz", get(|| async { "all shards are ready" }))
}
