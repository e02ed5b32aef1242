//! Settings of a collector, and its start.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use super::handle::Collector;
use super::listener::{Hold, Listener};
use super::onward::Route;
use super::shared::Shared;
use super::signal::Signal;
use super::store::Store;
use super::{grpc, http};
use crate::standins::Faults;
use crate::standins::listen::{ANYWHERE, bind};

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
    CollectorBuilder {
        grpc: ANYWHERE,
        http: ANYWHERE,
        max_body_bytes: DEFAULT_MAX_BODY_BYTES,
        faults: Faults::default(),
        onward: Route::default(),
    }
}

/// Settings of a collector.
#[derive(Clone, Debug)]
#[must_use = "a collector receives nothing before `run`"]
pub struct CollectorBuilder {
    grpc: SocketAddr,
    http: SocketAddr,
    max_body_bytes: usize,
    faults: Faults,
    onward: Route,
}

impl CollectorBuilder {
    /// Listens there instead of on free ports of the loopback address; port 0 is any free one. By convention OTLP/gRPC
    /// has port 4317 and OTLP/HTTP 4318.
    pub fn listen(mut self, grpc: SocketAddr, http: SocketAddr) -> Self {
        (self.grpc, self.http) = (grpc, http);
        self
    }

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

    /// Sends every trace request it accepts on to the OTLP/gRPC endpoint at `url`, for example `http://127.0.0.1:4317` of
    /// Jaeger, which need not be reachable yet. Protobuf goes on as the bytes it came as, JSON as protobuf. What a fault
    /// refuses does not go on; a request that a fault reports as rejected in part is captured whole and goes on whole.
    ///
    /// What becomes of it [`Collector::onward`] tells; it never changes what the client is answered.
    pub fn in_front_of(mut self, url: impl Into<String>) -> Self {
        self.onward.url = Some(url.into());
        self
    }

    /// The signals that are sent on; traces alone unless set, as Jaeger takes no others.
    pub fn with_onward_signals(mut self, signals: impl IntoIterator<Item = Signal>) -> Self {
        self.onward.signals = signals.into_iter().collect();
        self
    }

    /// How long after its acceptance a request is tried to be sent on before it counts as lost; 30 s unless set.
    pub fn with_onward_patience(mut self, patience: Duration) -> Self {
        self.onward.patience = patience;
        self
    }

    /// How many bytes may wait to be sent on; 64 MiB unless set. What would exceed it is lost, and counted so.
    pub fn with_onward_backlog(mut self, bytes: usize) -> Self {
        self.onward.backlog_bytes = bytes;
        self
    }

    /// Starts the collector.
    ///
    /// # Errors
    /// A port cannot be bound, or the URL to send on to is none.
    pub async fn run(self) -> io::Result<Collector> {
        let shared = Shared {
            store: Arc::new(Store::default()),
            faults: self.faults,
            max_body_bytes: self.max_body_bytes,
            onward: self.onward.start()?,
        };
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = CancellationToken::new();
        let grpc = serve(self.grpc, grpc::router(shared.clone()), &connections, &stop).await?;
        let http = serve(self.http, http::router(shared.clone()), &connections, &stop).await?;
        Ok(Collector::new(grpc, http, shared, connections, stop))
    }
}

async fn serve(
    address: SocketAddr,
    router: Router,
    connections: &Arc<AtomicUsize>,
    stop: &CancellationToken,
) -> io::Result<SocketAddr> {
    let tcp = bind(address).await?;
    let address = tcp.local_addr()?;
    let listener = Listener::new(tcp, connections.clone(), stop.clone());
    let service = router.into_make_service_with_connect_info::<Hold>();
    let server = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned());
    // Ends when `stop` is cancelled, at the latest with the handle.
    tokio::spawn(server.into_future());
    Ok(address)
}
