//! Measurements that wait to be added to their series.
//!
//! A request measures some twenty series, and each lies in half a dozen places: handle, bounds, buckets, exemplars. To fetch
//! them all in each request costs more than to write down what was measured, and to add it to the series for many requests
//! at once. Whoever wants to see the series asks for that first.

use std::{
    num::NonZero,
    sync::{PoisonError, RwLock},
};

use crate::telemetry::{
    exemplars::{self, Source},
    shards::Shards,
};

/// Measurements that are added together: those of some twenty requests, which takes about 30 µs.
const FULL: usize = 512;

/// What measurements are added to.
pub(super) trait Series: Send + Sync {
    /// `number` is as the instrument of the series has written it.
    fn add(&self, number: u64, source: Option<&Source>);
}

/// A series that measurements can be queued for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SeriesId(u32);

/// Every measurement that waits. Bounded: a shard that is full is emptied by who filled it.
pub(crate) struct Queue {
    shards: Shards<Waiting>,
    series: RwLock<Vec<Box<dyn Series>>>,
    /// Whether spans are noted for exemplars.
    keeps_sources: bool,
}

/// What a few threads measured.
struct Waiting {
    measurements: Vec<Measurement>,
    /// Several measurements in a row mostly come from one span.
    sources: Vec<Source>,
}

struct Measurement {
    series: SeriesId,
    number: u64,
    /// The position of its span, plus one.
    source: Option<NonZero<u32>>,
}

impl Queue {
    pub(crate) fn new(keeps_sources: bool) -> Self {
        Self { shards: Shards::default(), series: RwLock::default(), keeps_sources }
    }

    /// Makes a series known.
    pub(super) fn register(&self, series: Box<dyn Series>) -> SeriesId {
        let mut all = self.series.write().unwrap_or_else(PoisonError::into_inner);
        // As many instruments as there could be have not that many series.
        let id = SeriesId(u32::try_from(all.len()).unwrap_or(u32::MAX));
        all.push(series);
        id
    }

    /// Takes a measurement, made now in the span that [`exemplars`] know of.
    #[inline(never)]
    pub(super) fn push(&self, series: SeriesId, number: u64) {
        let mut waiting = self.shards.mine();
        let source = if self.keeps_sources { exemplars::with_source(|source| waiting.note(source)) } else { None };
        waiting.measurements.push(Measurement { series, number, source });
        if waiting.measurements.len() >= FULL {
            self.add(&mut waiting);
        }
    }

    /// Adds all that waits to its series: what was measured before this is called is there when it returns.
    pub(crate) fn settle(&self) {
        for mut waiting in self.shards.each() {
            self.add(&mut waiting);
        }
    }

    /// Under the lock of the shard, so that [`Self::settle`] waits for what another thread is adding.
    #[cold]
    fn add(&self, waiting: &mut Waiting) {
        let all = self.series.read().unwrap_or_else(PoisonError::into_inner);
        for Measurement { series, number, source } in waiting.measurements.drain(..) {
            let source = source.and_then(|position| waiting.sources.get(position.get() as usize - 1));
            if let Some(series) = all.get(series.0 as usize) {
                series.add(number, source);
            }
        }
        waiting.sources.clear();
    }
}

impl Default for Waiting {
    /// With room for what it holds at most, but for the spans, which are fewer.
    fn default() -> Self {
        Self { measurements: Vec::with_capacity(FULL), sources: Vec::with_capacity(FULL / 2) }
    }
}

impl Waiting {
    /// The position of a span, plus one.
    fn note(&mut self, source: Option<&Source>) -> Option<NonZero<u32>> {
        let source = source?;
        if self.sources.last().is_none_or(|last| last.span_id != source.span_id || last.time != source.time) {
            self.sources.push(*source);
        }
        u32::try_from(self.sources.len()).ok().and_then(NonZero::new)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::{FULL, Queue, Series, SeriesId, Source};

    #[derive(Default)]
    struct Sum(AtomicU64);

    impl Series for Arc<Sum> {
        fn add(&self, number: u64, _: Option<&Source>) {
            self.0.fetch_add(number, Ordering::Relaxed);
        }
    }

    fn queue() -> (Queue, Arc<Sum>, SeriesId) {
        let (queue, sum) = (Queue::new(true), Arc::<Sum>::default());
        let series = queue.register(Box::new(Arc::clone(&sum)));
        (queue, sum, series)
    }

    #[test]
    fn what_was_measured_is_there_after_it_has_settled() {
        let (queue, sum, series) = queue();

        queue.push(series, 2);
        queue.push(series, 3);
        assert_eq!(sum.0.load(Ordering::Relaxed), 0);
        queue.settle();

        assert_eq!(sum.0.load(Ordering::Relaxed), 5);
        queue.settle();
        assert_eq!(sum.0.load(Ordering::Relaxed), 5, "added once");
    }

    #[test]
    fn a_queue_that_nobody_settles_does_not_grow() {
        let (queue, sum, series) = queue();

        for _ in 0..=FULL * 3 {
            queue.push(series, 1);
        }

        assert_eq!(sum.0.load(Ordering::Relaxed), FULL as u64 * 3);
    }

    #[test]
    fn threads_that_measure_and_settle_at_once_lose_nothing() {
        let (queue, sum, series) = queue();

        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for round in 0..5_000 {
                        queue.push(series, 1);
                        if round % 100 == 0 {
                            queue.settle();
                        }
                    }
                });
            }
        });
        queue.settle();

        assert_eq!(sum.0.load(Ordering::Relaxed), 20_000);
    }
}
