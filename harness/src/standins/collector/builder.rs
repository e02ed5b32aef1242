//! Settings of a collector, and its start.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::handle::Collector;
use super::listener::{Hold, Listener};
use super::store::{Shared, Store};
use super::{grpc, http};
use crate::standins::Faults;

/// Largest message accepted unless set, in bytes after decompression. Far above what SDKs batch (512 spans), far below
/// what hurts.
const DEFAULT_MAX_BODY_BYTES: usize = 64 << 20;

/// An OTLP receiver, to be started with [`run`](CollectorBuilder::run).
///
/// It speaks OTLP/gRPC and OTLP/HTTP, protobuf and JSON, plain and with gzip, for traces, metrics and logs. What it
/// refuses it keeps as a [`Refusal`](super::Refusal), so that a test can tell a service that sent nothing from one that
/// sent nonsense.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use otelgate_harness::standins::collector;
///
/// let collector = collector().run().await?;
/// println!("OTEL_EXPORTER_OTLP_ENDPOINT={}", collector.grpc_url());
/// // Run what is to be tested, then look at what came:
/// assert!(collector.received().spans.is_empty());
/// # std::io::Result::Ok(())
/// # })?;
/// # std::io::Result::Ok(())
/// ```
pub fn collector() -> CollectorBuilder {
    CollectorBuilder { max_body_bytes: DEFAULT_MAX_BODY_BYTES, faults: Faults::default() }
}

/// Settings of a collector.
#[derive(Clone, Debug)]
#[must_use = "a collector receives nothing before `run`"]
pub struct CollectorBuilder {
    max_body_bytes: usize,
    faults: Faults,
}

impl CollectorBuilder {
    /// Sets the largest message accepted, in bytes after decompression; 64 MiB by default.
    pub fn with_max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Shows these faults, which may be shared with other stand-ins; none by default.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Starts the collector on two free ports of the loopback address.
    ///
    /// # Errors
    /// A port cannot be bound.
    pub async fn run(self) -> io::Result<Collector> {
        let shared =
            Shared { store: Arc::new(Store::default()), faults: self.faults, max_body_bytes: self.max_body_bytes };
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        let grpc = serve(grpc::router(shared.clone()), &connections, &stop).await?;
        let http = serve(http::router(shared.clone()), &connections, &stop).await?;
        Ok(Collector::new(grpc, http, shared, connections, stop))
    }
}

async fn serve(router: Router, connections: &Arc<AtomicUsize>, stop: &CancellationToken) -> io::Result<SocketAddr> {
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = tcp.local_addr()?;
    let listener = Listener::new(tcp, connections.clone(), stop.clone());
    let service = router.into_make_service_with_connect_info::<Hold>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    // Ends when `stop` is cancelled, at the latest with the handle.
    tokio::spawn(server.into_future());
    Ok(address)
}
