//! Qdrant's gRPC API over an exact search in memory.
//!
//! Its REST API is there as far as health checks ask it: `/`, `/healthz`, `/livez`, `/readyz`. They and gRPC's
//! `HealthCheck` say that this is a stand-in.
//!
//! Collections with one unnamed dense vector, all four distances, payloads and
//! payload filters; what it cannot do it refuses with `UNIMPLEMENTED` and a
//! message, so that no test passes on a wrong answer. Scores are those of Qdrant's
//! exact search; equal scores come in the order of their ids.
//!
//! Operations for [`Faults`](super::Faults): `query` (query and search), `scroll`, `count`,
//! `get`, `upsert`, `delete`, `payload`, `index`, `collections`, `health`.
//! A fault's `status` is a gRPC code. `cut` resets the connection: to tonic that is
//! `UNKNOWN` ("transport error"), to grpc-core `UNAVAILABLE`. Mind that qdrant-client
//! repeats a read once after either, so a fault with `times: 1` may go unseen.
//!
//! In its exchanges `method` is the full gRPC method, `status` the gRPC code; facts are `points` (written or removed) and
//! `results` (returned).
//!
//! [In front of](Builder::in_front_of) a real Qdrant all this holds, but for the fact `points` of a delete or of a write
//! by filter, which the real one does not tell. If the real one gives no answer, the client gets `UNAVAILABLE` and a
//! message with the address, and the exchange has both. A method the stand-in has not got itself is its own operation.

mod collections;
mod desk;
mod front;
mod health;
mod methods;
mod points;
mod rpc;
mod store;

use std::io;
use std::net::SocketAddr;

use axum::Router;
use qdrant_client::qdrant::collections_server::CollectionsServer;
use qdrant_client::qdrant::points_server::PointsServer;
use qdrant_client::qdrant::qdrant_server::QdrantServer;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;

use super::StandIn;
use super::listen::{Listening, listen_http};
use super::record::Desk;

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
    Builder::new(Settings::default())
}

/// What finds the points a client asks for. Which one it is, every health check says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// An exact search in memory, the harness' own.
    #[default]
    Exact,
    /// Qdrant's own engine (the crate `qdrant-edge`), told to search exactly: it filters, ranks and counts. Its files
    /// are in a temporary folder, which is removed with the collection. Needs the feature `qdrant-edge`.
    #[cfg(feature = "qdrant-edge")]
    QdrantEdge,
}

/// A Qdrant stand-in to be started; see [`qdrant`].
pub type Builder = super::Builder<Settings>;

/// A running Qdrant stand-in. Its [`url`](StandIn::url) is `http://127.0.0.1:…`, gRPC.
pub type Qdrant = StandIn<Grpc>;

/// What is said to a Qdrant stand-in alone.
#[derive(Debug, Default)]
pub struct Settings {
    behind: Option<String>,
    rest: Option<SocketAddr>,
    engine: Engine,
}

/// What a running Qdrant stand-in has of its own.
#[derive(Debug)]
pub struct Grpc {
    rest: Option<Listening>,
}

impl Builder {
    /// Listens there too, as Qdrant does for REST, whose port is 6333. Both ports answer both, as far as they are there.
    pub fn listen_rest(mut self, address: SocketAddr) -> Self {
        self.own.rest = Some(address);
        self
    }

    /// What searches and filters; [`Engine::Exact`] unless set.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.own.engine = engine;
        self
    }

    /// Lets the real Qdrant at `url` answer, for example `http://127.0.0.1:6334`: its gRPC address, which need not be
    /// reachable yet. Every method is passed on, with its metadata, also those the stand-in has not got itself.
    pub fn in_front_of(mut self, url: impl Into<String>) -> Self {
        self.own.behind = Some(url.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// If no port can be bound, or the URL of the real server is none.
    pub async fn run(self) -> io::Result<Qdrant> {
        let (address, desk, own) = self.open();
        let router = match own.behind {
            Some(url) => front::Front::new(&url, desk.clone())?.router(),
            None => own_router(own.engine, desk.clone()),
        };
        let rest = match own.rest {
            Some(address) => Some(listen_http(address, router.clone()).await?),
            None => None,
        };
        let listening = listen_http(address, router).await?;
        let url = format!("http://{}", listening.address());
        Ok(StandIn::new(listening, url, desk, Grpc { rest }))
    }
}

impl Qdrant {
    /// Where health checks over REST find it: the address given to [`Builder::listen_rest`], or the one of
    /// [`url`](Self::url).
    #[must_use]
    pub fn rest_url(&self) -> String {
        self.own.rest.as_ref().map_or_else(|| self.url(), |rest| format!("http://{}", rest.address()))
    }
}

fn own_router(engine: Engine, desk: Desk) -> Router {
    let server = rpc::Server::new(engine, desk);
    // Qdrant sets no limit of its own on the size of a request.
    let points = PointsServer::new(server.clone()).max_decoding_message_size(usize::MAX);
    Routes::new(points.accept_compressed(Gzip).send_compressed(Gzip))
        .add_service(CollectionsServer::new(server.clone()).accept_compressed(Gzip).send_compressed(Gzip))
        .add_service(QdrantServer::new(server).accept_compressed(Gzip).send_compressed(Gzip))
        .prepare()
        .into_axum_router()
        .merge(health::rest(engine))
}
