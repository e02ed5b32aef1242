//! What the driver noted of each request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use crate::conservation::{Fate, Requests};
use crate::workload::Workload;

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With a good answer, read to its end.
    Good,
    /// With an answer of another status, read to its end.
    Bad(u16),
    /// Without an answer that could be read to its end.
    Broken(String),
}

/// What the users of one launch note, all together.
pub(super) struct Ledger {
    /// The next item of each workload.
    next: Vec<AtomicU64>,
    /// Which of `windows` a request that begins now belongs to.
    window: AtomicUsize,
    notes: Mutex<Notes>,
}

/// What was noted.
pub(super) struct Notes {
    /// Of each workload, of each item.
    fates: Vec<Vec<Noted>>,
    /// Of each workload, of each kind.
    pub(super) kinds: Vec<Vec<Kind>>,
    /// Times of all answers, by window.
    pub(super) windows: Vec<Window>,
}

/// The requests of one kind.
#[derive(Clone, Default)]
pub(super) struct Kind {
    /// Times of answers, in microseconds.
    pub(super) times: Times,
    /// The driver's count.
    pub(super) requests: Requests,
    /// How often which error was.
    pub(super) errors: BTreeMap<String, u64>,
}

/// The requests that began in a stretch of time.
#[derive(Clone, Default)]
pub(super) struct Window {
    pub(super) times: Times,
    /// Requests that got no good answer.
    pub(super) failed: u64,
}

/// A histogram of microseconds, three digits.
#[derive(Clone)]
pub(super) struct Times(Histogram<u64>);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Noted {
    #[default]
    Unsure,
    Good,
    Bad,
}

impl Ledger {
    pub(super) fn new(workloads: &[Workload]) -> Self {
        Self {
            next: workloads.iter().map(|_| AtomicU64::new(0)).collect(),
            window: AtomicUsize::new(0),
            notes: Mutex::new(Notes {
                fates: vec![Vec::new(); workloads.len()],
                kinds: workloads.iter().map(|workload| vec![Kind::default(); workload.kinds.len()]).collect(),
                windows: vec![Window::default()],
            }),
        }
    }

    /// The next item of a workload, and the window it begins in.
    pub(super) fn begin(&self, workload: usize) -> (u64, usize) {
        (self.next[workload].fetch_add(1, Ordering::Relaxed), self.window.load(Ordering::Relaxed))
    }

    /// Notes how an item ended.
    pub(super) fn end(
        &self,
        (workload, kind): (usize, usize),
        (item, window): (u64, usize),
        took: Duration,
        end: &End,
    ) {
        let mut notes = self.notes();
        let Notes { fates, kinds, windows } = &mut *notes;
        let (fates, index) = (&mut fates[workload], usize::try_from(item).unwrap_or(usize::MAX));
        if fates.len() <= index {
            fates.resize(index + 1, Noted::Unsure);
        }
        let kind = &mut kinds[workload][kind];
        kind.requests.sent += 1;
        let error = match end {
            End::Good => {
                fates[index] = Noted::Good;
                kind.requests.answered += 1;
                kind.times.record(took);
                windows[window].times.record(took);
                return;
            }
            End::Bad(status) => {
                fates[index] = Noted::Bad;
                kind.requests.bad += 1;
                kind.times.record(took);
                format!("status {status}")
            }
            End::Broken(error) => {
                kind.requests.broken += 1;
                error.clone()
            }
        };
        windows[window].failed += 1;
        *kind.errors.entry(error).or_default() += 1;
    }

    /// Requests that begin from now on belong to a new window; returns its number.
    pub(super) fn open_window(&self) -> usize {
        let mut notes = self.notes();
        notes.windows.push(Window::default());
        let window = notes.windows.len() - 1;
        self.window.store(window, Ordering::Relaxed);
        window
    }

    /// What was noted so far. Users wait meanwhile.
    pub(super) fn notes(&self) -> MutexGuard<'_, Notes> {
        // Every entry is whole before its lock is given back.
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many items of each workload were begun.
    pub(super) fn begun(&self) -> Vec<u64> {
        self.next.iter().map(|next| next.load(Ordering::Relaxed)).collect()
    }
}

impl Notes {
    /// What became of an item, and whether its answer was good.
    pub(super) fn fate(&self, workload: usize, item: u64) -> (Fate, bool) {
        let noted = usize::try_from(item).ok().and_then(|index| self.fates[workload].get(index));
        match noted {
            Some(Noted::Good) => (Fate::Answered, true),
            Some(Noted::Bad) => (Fate::Answered, false),
            Some(Noted::Unsure) | None => (Fate::Unsure, false),
        }
    }

    /// The driver's count, over all kinds; `begun` requests that never ended are broken.
    pub(super) fn requests(&self, begun: &[u64]) -> Requests {
        let mut all = Requests { sent: begun.iter().sum(), ..Requests::default() };
        for kind in self.kinds.iter().flatten() {
            all.answered += kind.requests.answered;
            all.bad += kind.requests.bad;
        }
        all.broken = all.sent - all.answered - all.bad;
        all
    }

    /// Times of all kinds together.
    pub(super) fn times(&self) -> Times {
        let mut all = Times::default();
        self.kinds.iter().flatten().for_each(|kind| all.add(&kind.times));
        all
    }
}

impl Times {
    /// Longest time told apart: an hour.
    const LONGEST: u64 = 3_600_000_000;

    pub(super) fn record(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub(super) fn add(&mut self, other: &Self) {
        // Both have the same bounds, so nothing of one is outside the other.
        let _ = self.0.add(&other.0);
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len()
    }

    /// A quantile in milliseconds; `None` of nothing.
    pub(super) fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "at most an hour of microseconds")]
        let milliseconds = |micros: u64| micros as f64 / 1000.0;
        (!self.0.is_empty()).then(|| milliseconds(self.0.value_at_quantile(quantile)))
    }
}

impl Default for Times {
    fn default() -> Self {
        // 1 and an hour are legal bounds, and 3 a legal number of digits, so `new` without bounds is never needed.
        let histogram = Histogram::new_with_max(Self::LONGEST, 3);
        #[expect(clippy::expect_used, reason = "the arguments are constants that are legal")]
        Self(histogram.expect("an hour and three digits are legal bounds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> Ledger {
        let file = "{version: 1, workload: w, requests: [{name: a, request: GET /a}]}";
        Ledger::new(&[Workload::new(serde_saphyr::from_str(file).unwrap()).unwrap()])
    }

    #[test]
    fn each_request_is_noted_once_as_what_it_was() {
        let ledger = ledger();
        for end in [End::Good, End::Bad(500), End::Broken("cut".to_owned())] {
            let begun = ledger.begin(0);
            ledger.end((0, 0), begun, Duration::from_millis(2), &end);
        }
        ledger.begin(0);

        let notes = ledger.notes();

        assert_eq!(notes.requests(&ledger.begun()), Requests { sent: 4, answered: 1, bad: 1, broken: 2 });
        let fates: Vec<_> = (0..4).map(|item| notes.fate(0, item)).collect();
        let unsure = (Fate::Unsure, false);
        assert_eq!(fates, [(Fate::Answered, true), (Fate::Answered, false), unsure, unsure]);
        assert_eq!(notes.kinds[0][0].errors.keys().collect::<Vec<_>>(), ["cut", "status 500"]);
    }

    #[test]
    fn a_request_belongs_to_the_window_it_began_in() {
        let ledger = ledger();
        let first = ledger.begin(0);
        ledger.open_window();
        let second = ledger.begin(0);

        ledger.end((0, 0), first, Duration::from_millis(1), &End::Good);
        ledger.end((0, 0), second, Duration::from_millis(4), &End::Bad(503));

        let windows = &ledger.notes().windows;
        assert_eq!((windows[0].times.count(), windows[0].failed), (1, 0));
        assert_eq!((windows[1].times.count(), windows[1].failed), (0, 1));
    }

    #[test]
    fn nothing_has_no_percentile() {
        assert_eq!(Times::default().quantile_ms(0.95), None);
    }
}
