//! The handle of a running collector.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::onward::Onward;
use super::shared::Shared;
use super::store::{Counts, Received, Refusal};
use crate::standins::Faults;

/// A running OTLP receiver. Dropping it closes its ports and connections.
#[derive(Debug)]
pub struct Collector {
    grpc: SocketAddr,
    http: SocketAddr,
    shared: Shared,
    connections: Arc<AtomicUsize>,
    /// Ends the servers and every connection.
    stop: CancellationToken,
}

impl Collector {
    pub(super) fn new(
        grpc: SocketAddr,
        http: SocketAddr,
        shared: Shared,
        connections: Arc<AtomicUsize>,
        stop: CancellationToken,
    ) -> Self {
        Self { grpc, http, shared, connections, stop }
    }

    /// Endpoint of OTLP/gRPC, to set as `OTEL_EXPORTER_OTLP_ENDPOINT`.
    #[must_use]
    pub fn grpc_url(&self) -> String {
        format!("http://{}", self.grpc)
    }

    /// Base of OTLP/HTTP, to set as `OTEL_EXPORTER_OTLP_ENDPOINT`: the exporter appends `/v1/traces` and the like.
    #[must_use]
    pub fn http_url(&self) -> String {
        format!("http://{}", self.http)
    }

    /// The faults to show, for the operations `traces`, `metrics` and `logs`, and, in front of a back end, `onward`. A
    /// `status` is an HTTP status on HTTP and
    /// a gRPC code on gRPC.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// A copy of what was received and not yet taken.
    #[must_use]
    pub fn received(&self) -> Received {
        self.inspect(Received::clone)
    }

    /// Looks at what was received and not yet taken, without a copy. Reception waits meanwhile.
    pub fn inspect<T>(&self, look: impl FnOnce(&Received) -> T) -> T {
        self.shared.store.inspect(look)
    }

    /// Takes what was received; a later call gives only what came after.
    #[must_use]
    pub fn take(&self) -> Received {
        self.shared.store.take()
    }

    /// How much was received since the start, whether or not it has been taken since.
    #[must_use]
    pub fn counts(&self) -> Counts {
        *self.changed().borrow()
    }

    /// Wakes at each change of [`counts`](Self::counts), so that a waiter need not sleep:
    /// `collector.changed().wait_for(|counts| counts.spans >= 3).await`.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<Counts> {
        self.shared.store.counts()
    }

    /// The requests that were refused since the start, oldest first.
    #[must_use]
    pub fn refusals(&self) -> Vec<Refusal> {
        self.shared.store.refusals()
    }

    /// What has become so far of the telemetry sent on; `None` if it is not [in front of](super::CollectorBuilder::in_front_of)
    /// anything.
    #[must_use]
    pub fn onward(&self) -> Option<Onward> {
        self.shared.onward.as_ref().map(|onward| onward.account().borrow().clone())
    }

    /// Waits until nothing is on its way to the back end, at most so long; whether nothing is. True at once for a
    /// collector in front of nothing. Whatever a client had been answered for when this was called is counted.
    pub async fn settled(&self, within: Duration) -> bool {
        let Some(onward) = &self.shared.onward else { return true };
        let mut account = onward.account();
        tokio::time::timeout(within, account.wait_for(Onward::is_settled)).await.is_ok()
    }

    /// How many connections were ever accepted, on both ports: 0 proves that nobody tried.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
