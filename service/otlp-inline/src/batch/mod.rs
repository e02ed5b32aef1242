//! Batches: collected by the threads that end spans, sent by a thread of the exporter's.

mod buffer;
mod worker;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use tokio::sync::{Notify, watch};

pub(crate) use self::buffer::Batch;
use self::buffer::{Buffers, Taken};
use crate::{
    encode::envelope::{EncodedResource, EncodedScope},
    stats::{ExportCounts, Stats},
    transport::{Otlp, TransportError},
};

/// How spans or log records are collected. The defaults are those of the specification for spans
/// (<https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor>).
#[derive(Debug, Clone, Copy)]
pub struct BatchConfig {
    /// How many items may wait for their export (default 2048); more are lost, and counted. A batch in each thread's
    /// buffer, and the one being sent, wait beside them.
    pub max_queue_size: usize,
    /// How many items are sent together at most (default 512). A batch of 1 MiB is sent with fewer.
    pub max_export_batch_size: usize,
    /// How long an item waits at most while its batch is not full (default 5 s).
    pub scheduled_delay: Duration,
}

impl Default for BatchConfig {
    fn default() -> Self {
        Self { max_queue_size: 2_048, max_export_batch_size: 512, scheduled_delay: Duration::from_secs(5) }
    }
}

/// Why items are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// More were waiting than may.
    QueueFull,
    /// They ended after the exporter did.
    AlreadyShutdown,
}

/// A signal's way out. Ends, with what is left exported, when it is dropped.
pub(crate) struct Pipeline {
    shared: Arc<Shared>,
    stop: watch::Sender<Option<Instant>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    buffers: Buffers,
    stats: Stats,
    wake: Notify,
    is_shut_down: Arc<AtomicBool>,
    /// Who waits for what has ended so far to be exported.
    flushes: Mutex<Vec<mpsc::Sender<bool>>>,
    /// Told before what waits is gathered, if somebody holds something back.
    held_back: Option<WriteHeldBack>,
}

/// Has what is held back recorded; with `true`, for the last time.
pub(crate) type WriteHeldBack = Box<dyn Fn(bool) + Send + Sync>;

/// How long a drop waits for the last export; the SDK's own default for a shutdown.
const LAST_EXPORT: Duration = Duration::from_secs(5);

/// How long a flush waits; the SDK's own limit.
const FLUSH: Duration = Duration::from_secs(5);

impl Pipeline {
    pub(crate) fn start(
        config: BatchConfig,
        otlp: &Otlp,
        resource: EncodedResource,
        stats: Stats,
        held_back: Option<WriteHeldBack>,
    ) -> Result<Self, TransportError> {
        let signal = stats.signal();
        let connector = otlp.connector(signal)?;
        let shared = Arc::new(Shared {
            buffers: Buffers::new(&config),
            stats,
            wake: Notify::new(),
            is_shut_down: Arc::default(),
            flushes: Mutex::default(),
            held_back,
        });
        let (stop, stopped) = watch::channel(None);
        let thread =
            worker::spawn(Arc::clone(&shared), stopped, config, connector, resource).map_err(TransportError::Thread)?;
        Ok(Self { shared, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Takes an item, which `write` appends. Never blocks on the network.
    #[inline]
    pub(crate) fn push(&self, scope: &Arc<EncodedScope>, write: impl FnOnce(&mut Vec<u8>)) {
        match self.shared.buffers.push(scope, write) {
            Taken::Waiting => {}
            Taken::BatchFull => self.shared.wake.notify_one(),
            Taken::Lost(loss) => self.shared.stats.lost(loss),
        }
    }

    pub(crate) fn counts(&self) -> ExportCounts {
        self.shared.stats.counts()
    }

    /// Whether [`Self::shutdown`] was called: nothing is worth recording any more.
    pub(crate) fn is_shut_down(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.shared.is_shut_down)
    }

    /// Exports what has ended so far, and waits for it.
    pub(crate) fn flush(&self) -> OTelSdkResult {
        let (done, waiting) = mpsc::channel();
        {
            let mut flushes = self.shared.flushes.lock().unwrap_or_else(PoisonError::into_inner);
            if self.stop.borrow().is_some() {
                return Err(OTelSdkError::AlreadyShutdown);
            }
            flushes.push(done);
        }
        self.shared.wake.notify_one();
        match waiting.recv_timeout(FLUSH) {
            Ok(true) => Ok(()),
            Ok(false) => Err(OTelSdkError::InternalFailure("some of it could not be exported".to_owned())),
            Err(mpsc::RecvTimeoutError::Timeout) => Err(OTelSdkError::Timeout(FLUSH)),
            Err(mpsc::RecvTimeoutError::Disconnected) => Err(OTelSdkError::AlreadyShutdown),
        }
    }

    /// Ends it when nobody can any more; it has been shut down already, most of the time.
    pub(crate) fn end(&self) {
        let _ = self.shutdown(LAST_EXPORT);
    }

    /// Exports what is left, within `limit`, and ends the thread. What ends later is counted as lost.
    pub(crate) fn shutdown(&self, limit: Duration) -> OTelSdkResult {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return Err(OTelSdkError::AlreadyShutdown);
        };
        self.shared.is_shut_down.store(true, Ordering::Relaxed);
        // A deadline that cannot be said is none.
        let deadline = Instant::now().checked_add(limit);
        self.stop.send_replace(Some(deadline.unwrap_or_else(|| Instant::now() + LAST_EXPORT)));
        self.shared.wake.notify_one();
        thread.join().map_err(|_| OTelSdkError::InternalFailure("the exporter's thread panicked".to_owned()))
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.end();
    }
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pipeline").field("stats", &self.shared.stats).finish_non_exhaustive()
    }
}
