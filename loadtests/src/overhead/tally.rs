//! What has arrived of one arm's telemetry, by item.

use std::collections::BTreeMap;
use std::ops::Range;

use otelgate_harness::standins::Received;

use super::sampling::Sampling;
use crate::workload::{Seed, TraceIds, Workload};

/// Spans and log records by the item whose trace they belong to.
#[derive(Clone, Debug)]
pub struct Tally {
    ids: TraceIds,
    spans: Vec<u32>,
    logs: Vec<u32>,
    /// Spans of traces that are no item's.
    strangers: u64,
}

/// What of some items has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Spans of traces that had to be exported.
    pub spans: u64,
    /// How many those are when all are there.
    pub expected: u64,
    /// Spans of traces that must not have been.
    pub unsampled: u64,
    /// Log records.
    pub logs: u64,
    /// Traces of which nothing came, and kinds of requests whose spans are missing: for a message.
    pub missing: BTreeMap<String, u64>,
}

impl Arrived {
    /// Whether all that must be there is.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.spans == self.expected
    }
}

impl Tally {
    /// Nothing yet, of a launch with these ids.
    #[must_use]
    pub fn new(ids: TraceIds) -> Self {
        Self { ids, spans: Vec::new(), logs: Vec::new(), strangers: 0 }
    }

    /// Adds what has come since the last time.
    pub fn add(&mut self, received: &Received) {
        for span in &received.spans {
            match self.ids.item(span.trace_id) {
                Some(item) if count(&mut self.spans, item) => {}
                _ => self.strangers += 1,
            }
        }
        for trace in received.logs.iter().filter_map(|record| record.trace_id) {
            if let Some(item) = self.ids.item(trace) {
                count(&mut self.logs, item);
            }
        }
    }

    /// Spans of traces that are no item's.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    /// What of the items in `range` has arrived, under this sampling. A kind of request leaves as many spans as the most
    /// complete trace of that kind has, in this launch.
    #[must_use]
    pub fn arrived(&self, range: Range<u64>, workload: &Workload, seed: Seed, sampling: Sampling) -> Arrived {
        let spans_of = |item: u64| at(&self.spans, item);
        let mut most = vec![0; workload.kinds.len()];
        for item in 0..range.end {
            let most = &mut most[workload.kind_of(seed, item)];
            *most = spans_of(item).max(*most);
        }
        let mut arrived = Arrived::default();
        for item in range {
            arrived.logs += at(&self.logs, item);
            let kind = workload.kind_of(seed, item);
            if workload.kinds[kind].untraced || !sampling.keeps(self.ids.id(item)) {
                arrived.unsampled += spans_of(item);
                continue;
            }
            // At least its root: a kind of which nothing came at all is missing, not small.
            let expected = most[kind].max(1);
            arrived.spans += spans_of(item);
            arrived.expected += expected;
            if spans_of(item) < expected {
                *arrived.missing.entry(workload.kinds[kind].name.clone()).or_default() += expected - spans_of(item);
            }
        }
        arrived
    }
}

/// More items than any launch has; what lies beyond belongs to the requests that prepare it.
const MOST_ITEMS: u64 = 100_000_000;

/// Counts one for an item; whether it is one of the load.
fn count(counts: &mut Vec<u32>, item: u64) -> bool {
    let Some(at) = usize::try_from(item).ok().filter(|_| item < MOST_ITEMS) else { return false };
    if counts.len() <= at {
        counts.resize(at + 1, 0);
    }
    counts[at] += 1;
    true
}

fn at(counts: &[u32], item: u64) -> u64 {
    usize::try_from(item).ok().and_then(|item| counts.get(item)).copied().unwrap_or(0).into()
}
