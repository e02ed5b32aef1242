//! What a stand-in remembers of each request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::Faults;
use crate::capture::Exchange;

/// Where a stand-in's requests come in: the faults they meet, and the record of them. Clones share both.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) faults: Faults,
    pub(super) recorder: Recorder,
}

/// The exchanges of one stand-in. Clones share one list.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    exchanges: Option<Arc<Mutex<Vec<Exchange>>>>,
}

impl Recorder {
    /// Keeps every exchange, or none: under load nobody reads them and they only cost memory.
    pub(super) fn new(keep: bool) -> Self {
        Self { exchanges: keep.then(Arc::default) }
    }

    /// All exchanges that have ended so far, in the order in which they ended.
    pub(super) fn snapshot(&self) -> Vec<Exchange> {
        self.exchanges
            .as_ref()
            .map_or_else(Vec::new, |list| list.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Opens the record of a request that has just been read. `describe` is called only if exchanges are kept.
    pub(super) fn begin(&self, describe: impl FnOnce() -> Exchange) -> Pending {
        let open = self.exchanges.clone().map(|list| {
            let mut exchange = describe();
            exchange.start = unix_nanos();
            Box::new(Open { list, exchange })
        });
        Pending { open }
    }
}

/// A request that is being answered. Dropped before [`finish`](Self::finish), it is recorded as one whose client left.
#[derive(Debug)]
pub(super) struct Pending {
    open: Option<Box<Open>>,
}

#[derive(Debug)]
struct Open {
    list: Arc<Mutex<Vec<Exchange>>>,
    exchange: Exchange,
}

impl Pending {
    /// Changes the record, if one is kept.
    pub(super) fn note(&mut self, change: impl FnOnce(&mut Exchange)) {
        if let Some(open) = &mut self.open {
            change(&mut open.exchange);
        }
    }

    /// Adds numbers the stand-in knows for certain.
    pub(super) fn facts(&mut self, facts: impl IntoIterator<Item = (&'static str, f64)>) {
        self.note(|exchange| exchange.facts.extend(facts.into_iter().map(|(name, value)| (name.to_owned(), value))));
    }

    /// Adds a count, as far as there is one. `count` is called only if a record is kept.
    pub(super) fn count(&mut self, count: impl FnOnce() -> Option<(&'static str, usize)>) {
        #[expect(clippy::cast_precision_loss, reason = "what is counted stays far below 2^53")]
        self.note(|exchange| exchange.facts.extend(count().map(|(name, count)| (name.to_owned(), count as f64))));
    }

    /// Closes the record. `None`: the stand-in itself gave no answer.
    pub(super) fn finish(mut self, status: Option<u16>) {
        self.note(|exchange| exchange.status = status);
        self.close();
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            let Open { list, mut exchange } = *open;
            exchange.end = unix_nanos();
            list.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.note(|exchange| exchange.left = true);
        self.close();
    }
}

/// Nanoseconds since the Unix epoch; 0 on a clock set before it.
fn unix_nanos() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
}
