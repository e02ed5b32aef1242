//! Faults a stand-in can be told to show, one shape for all of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;

/// One fault. Effects combine in the order *wait, then fail*: `delay-ms` with `status` answers late and badly.
///
/// Read from a scenario's `given:`; every field is optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fault {
    /// The operation it applies to, in the stand-in's own words (`embeddings`, `chat`; `query`, `upsert`; `get`, `set`; `traces`,
    /// `metrics`, `logs`). All of them if absent, but for the collector's `onward`, which has to be named: it concerns what a
    /// collector in front of another sends on. With `cut` or any `status` the request is captured and answered well, yet
    /// never reaches the back end, and the collector's account says it did; with `delay-ms` it is sent on so much later.
    pub on: Option<String>,
    /// How many times it happens before the stand-in is well again. For ever if absent.
    pub times: Option<u32>,
    /// Wait this long before anything else, in milliseconds.
    pub delay_ms: Option<u64>,
    /// Answer with this HTTP status, or this gRPC code for a gRPC operation, instead of doing the work.
    pub status: Option<u16>,
    /// `retry-after` of the answer, in seconds; needs `status`.
    pub retry_after: Option<u64>,
    /// Close the connection without an answer, as a server that is down does.
    #[serde(default)]
    pub cut: bool,
    /// Wait this long before each chunk of a streamed answer, in milliseconds.
    pub chunk_delay_ms: Option<u64>,
    /// Close the connection after this many chunks of a streamed answer.
    pub cut_after: Option<usize>,
    /// Accept the request but report this many items as rejected (OTLP partial success).
    pub reject: Option<i64>,
    /// Text that goes with the error or the rejection.
    pub message: Option<String>,
}

impl Fault {
    /// How long to wait before failing or answering.
    #[must_use]
    pub fn delay(&self) -> Option<Duration> {
        self.delay_ms.map(Duration::from_millis)
    }

    /// How long to wait before each chunk of a streamed answer.
    #[must_use]
    pub fn chunk_delay(&self) -> Option<Duration> {
        self.chunk_delay_ms.map(Duration::from_millis)
    }
}

/// The faults a stand-in has been told to show. Clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<Fault>>>);

impl Faults {
    /// Adds a fault; those added first happen first.
    pub fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Makes the stand-in well again.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The fault to show for one `operation` now, if any; counts it as shown.
    #[must_use]
    pub fn next(&self, operation: &str) -> Option<Fault> {
        self.take(|fault| fault.on.as_deref().is_none_or(|on| on == operation))
    }

    /// As [`next`](Self::next), but only a fault that names the operation: for what happens behind the back of whoever
    /// sent the request.
    pub(super) fn next_named(&self, operation: &str) -> Option<Fault> {
        self.take(|fault| fault.on.as_deref() == Some(operation))
    }

    fn take(&self, applies: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut faults = self.lock();
        let position = faults.iter().position(&applies)?;
        match &mut faults[position].times {
            Some(0) => {
                faults.remove(position);
                drop(faults);
                self.take(applies)
            }
            Some(times) => {
                *times -= 1;
                Some(faults[position].clone())
            }
            None => Some(faults[position].clone()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
