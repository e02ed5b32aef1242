//! Qdrant: its gRPC interface says what it is.

use qdrant_client::qdrant::HealthCheckRequest;
use qdrant_client::qdrant::qdrant_client::QdrantClient;

use super::question::{NotReady, Stated};

pub(super) async fn ask(url: &str) -> Result<Stated, NotReady> {
    let endpoint =
        tonic::transport::Endpoint::from_shared(url.to_owned()).map_err(|error| NotReady::Never(error.to_string()))?;
    let channel = endpoint.connect().await.map_err(|error| NotReady::NotYet(error.to_string()))?;
    let reply = QdrantClient::new(channel)
        .health_check(HealthCheckRequest {})
        .await
        .map_err(|status| NotReady::NotYet(format!("{:?}: {}", status.code(), status.message())))?
        .into_inner();
    let stands_in = reply.title.to_lowercase().contains("stand-in");
    Ok(Stated { product: stands_in.then_some(reply.title), ..Stated::of_version(&reply.version) })
}
