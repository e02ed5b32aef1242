//! The queue of what is to be sent on.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use super::account::Onward;
use super::deliver::BackEnd;
use crate::standins::{Fault, Signal, upstream};

/// Long enough for a container to be started again.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(30);
/// A run's telemetry many times over.
const DEFAULT_BACKLOG_BYTES: usize = 64 << 20;
/// A URL as people write it, for error messages.
const EXAMPLE: &str = "http://127.0.0.1:4317";

/// What is sent on, where to, and how long that may take.
#[derive(Clone, Debug)]
pub(in crate::standins::collector) struct Route {
    /// Nothing is sent on without.
    pub(in crate::standins::collector) url: Option<String>,
    pub(in crate::standins::collector) signals: BTreeSet<Signal>,
    pub(in crate::standins::collector) patience: Duration,
    pub(in crate::standins::collector) backlog_bytes: usize,
}

impl Default for Route {
    fn default() -> Self {
        Self {
            url: None,
            signals: BTreeSet::from([Signal::Traces]),
            patience: DEFAULT_PATIENCE,
            backlog_bytes: DEFAULT_BACKLOG_BYTES,
        }
    }
}

impl Route {
    /// Starts to send, if there is somebody to send to.
    ///
    /// # Errors
    /// The URL is none.
    pub(in crate::standins::collector) fn start(self) -> io::Result<Option<Arc<Sender>>> {
        let Some(url) = &self.url else { return Ok(None) };
        let channel = upstream::grpc(url, EXAMPLE)?;
        let account = watch::Sender::new(Onward { url: upstream::without_password(url), ..Onward::default() });
        let backlog = Arc::new(AtomicUsize::new(0));
        let (queue, parcels) = mpsc::unbounded_channel();
        let sending = tokio::spawn(send(channel, parcels, account.clone(), Arc::clone(&backlog)));
        Ok(Some(Arc::new(Sender { route: self, queue, account, backlog, _sending: AbortOnDropHandle::new(sending) })))
    }
}

/// A request to be sent on.
pub(super) struct Parcel {
    pub(super) signal: Signal,
    /// The message, in protobuf.
    pub(super) body: Bytes,
    pub(super) items: usize,
    /// Not to be sent before.
    pub(super) not_before: Instant,
    /// To be given up after.
    pub(super) deadline: Instant,
}

/// Sends on. Dropping it gives up what waits.
#[derive(Debug)]
pub(in crate::standins::collector) struct Sender {
    route: Route,
    queue: mpsc::UnboundedSender<Parcel>,
    account: watch::Sender<Onward>,
    /// Bytes that wait.
    backlog: Arc<AtomicUsize>,
    _sending: AbortOnDropHandle<()>,
}

impl Sender {
    /// Whether the signal is sent on.
    pub(in crate::standins::collector) fn takes(&self, signal: Signal) -> bool {
        self.route.signals.contains(&signal)
    }

    /// Has a request sent on that holds so many items, if the fault lets it.
    pub(in crate::standins::collector) fn send(&self, signal: Signal, body: Bytes, items: usize, fault: Option<Fault>) {
        let fault = fault.unwrap_or_default();
        self.account.send_modify(|account| account.hand_on(signal, items));
        if fault.cut || fault.status.is_some() {
            // Lost, and nobody knows.
            return self.close(signal, items, None);
        }
        let (bytes, limit) = (weight(&body), self.route.backlog_bytes);
        let room = |waiting: usize| waiting.checked_add(bytes).filter(|total| *total <= limit);
        if self.backlog.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_err() {
            let reason = format!("more than {limit} bytes wait for {}", upstream::without_password(self.url()));
            return self.close(signal, items, Some((items, reason)));
        }
        let not_before = Instant::now() + fault.delay().unwrap_or_default();
        let deadline = not_before + self.route.patience;
        // The task takes parcels for as long as this handle lives.
        let _ = self.queue.send(Parcel { signal, body, items, not_before, deadline });
    }

    /// The account, and its changes.
    pub(in crate::standins::collector) fn account(&self) -> watch::Receiver<Onward> {
        self.account.subscribe()
    }

    fn url(&self) -> &str {
        self.route.url.as_deref().unwrap_or_default()
    }

    fn close(&self, signal: Signal, items: usize, lost: Option<(usize, String)>) {
        self.account.send_modify(|account| account.close(signal, items, lost));
    }
}

/// What a waiting request takes, in bytes; an empty one also waits somewhere.
fn weight(body: &Bytes) -> usize {
    body.len() + size_of::<Parcel>()
}

async fn send(
    channel: tonic::transport::Channel,
    mut parcels: mpsc::UnboundedReceiver<Parcel>,
    account: watch::Sender<Onward>,
    backlog: Arc<AtomicUsize>,
) {
    let url = account.borrow().url.clone();
    let mut back_end = BackEnd::new(channel, url);
    while let Some(parcel) = parcels.recv().await {
        let lost = back_end.deliver(&parcel).await;
        backlog.fetch_sub(weight(&parcel.body), Ordering::Relaxed);
        account.send_modify(|account| account.close(parcel.signal, parcel.items, lost));
    }
}
