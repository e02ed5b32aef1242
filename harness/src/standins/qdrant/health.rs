//! `qdrant.Qdrant`: the health check, which clients also ask for the version.

use qdrant_client::qdrant::qdrant_server::Qdrant;
use qdrant_client::qdrant::{HealthCheckReply, HealthCheckRequest};
use tonic::{Request, Response, Status};

use super::rpc::{Done, Method, Server};

/// The version of the API spoken. Clients warn if it is more than one minor version from their own.
const VERSION: &str = "1.20.0";

#[tonic::async_trait]
impl Qdrant for Server {
    async fn health_check(&self, request: Request<HealthCheckRequest>) -> Result<Response<HealthCheckReply>, Status> {
        let method = Method { path: "/qdrant.Qdrant/HealthCheck", operation: "health" };
        self.read(method, request, |_, _| {
            Ok(Done::plain(HealthCheckReply {
                title: "qdrant - vector search engine".to_owned(),
                version: VERSION.to_owned(),
                commit: None,
            }))
        })
        .await
    }
}
