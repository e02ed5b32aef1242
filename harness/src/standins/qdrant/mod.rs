//! Qdrant's gRPC API over an exact search in memory.
//!
//! Collections with one unnamed dense vector, all four distances, payloads and
//! payload filters; what it cannot do it refuses with `UNIMPLEMENTED` and a
//! message, so that no test passes on a wrong answer. Scores are those of Qdrant's
//! exact search; equal scores come in the order of their ids.
//!
//! Operations for [`Faults`]: `query` (query and search), `scroll`, `count`,
//! `get`, `upsert`, `delete`, `payload`, `index`, `collections`, `health`.
//! A fault's `status` is a gRPC code. `cut` resets the connection: to tonic that is
//! `UNKNOWN` ("transport error"), to grpc-core `UNAVAILABLE`. Mind that qdrant-client
//! repeats a read once after either, so a fault with `times: 1` may go unseen.

mod collections;
mod health;
mod points;
mod rpc;
mod store;

use std::io;

use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::QdrantServer;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;

use super::Faults;
use super::listen::{Listening, listen_http};
use super::record::Recorder;
use crate::capture::Exchange;

/// A Qdrant server, ready to be started.
///
/// ```
/// use otelgate_harness::standins;
/// use qdrant_client::qdrant::{CreateCollectionBuilder, Distance, VectorParamsBuilder};
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let qdrant = standins::qdrant().run().await?;
///
/// let client = qdrant_client::Qdrant::from_url(&qdrant.url()).build()?;
/// let vectors = VectorParamsBuilder::new(3, Distance::Cosine);
/// client.create_collection(CreateCollectionBuilder::new("docs").vectors_config(vectors)).await?;
///
/// assert_eq!(qdrant.exchanges().last().unwrap().method, "/qdrant.Collections/Create");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn qdrant() -> Builder {
    Builder { faults: Faults::default(), keep_exchanges: true }
}

/// Settings of a Qdrant stand-in; see [`qdrant`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    faults: Faults,
    keep_exchanges: bool,
}

impl Builder {
    /// Shows these faults, which may be shared with other stand-ins; none unless set.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Whether to remember every request (the default). Turn it off under load: memory grows with each.
    pub fn with_exchanges(mut self, keep: bool) -> Self {
        self.keep_exchanges = keep;
        self
    }

    /// Starts the server on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn run(self) -> io::Result<Qdrant> {
        let faults = self.faults;
        let recorder = Recorder::new(self.keep_exchanges);
        let server = rpc::Server::new(faults.clone(), recorder.clone());
        // Qdrant sets no limit of its own on the size of a request.
        let points = PointsServer::new(server.clone()).max_decoding_message_size(usize::MAX);
        let router = Routes::new(points.accept_compressed(Gzip).send_compressed(Gzip))
            .add_service(CollectionsServer::new(server.clone()).accept_compressed(Gzip).send_compressed(Gzip))
            .add_service(QdrantServer::new(server).accept_compressed(Gzip).send_compressed(Gzip))
            .prepare()
            .into_axum_router();

        Ok(Qdrant { listening: listen_http(router).await?, faults, recorder })
    }
}

/// A running Qdrant stand-in. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct Qdrant {
    listening: Listening,
    faults: Faults,
    recorder: Recorder,
}

impl Qdrant {
    /// Where clients find it: `http://127.0.0.1:…`, gRPC.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// The faults it is told to show.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every request answered so far, oldest first. `method` is the full gRPC method, `status` the gRPC code;
    /// facts are `points` (written or removed) and `results` (returned).
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.recorder.snapshot()
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }
}
