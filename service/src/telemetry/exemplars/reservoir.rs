//! The exemplars of one instrument, while it is measured.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{KeyValue, SpanId, TraceId};
use rustc_hash::FxHashMap;

use crate::telemetry::{
    clock::Moment,
    current::{self, Ids},
};

/// Series of one instrument that can have exemplars; later ones have none. A series takes at most 50 bytes a bucket, so
/// that an instrument of 15 buckets stays below 200 kB however many label values a caller makes up.
const MAX_SERIES: usize = 256;

/// A measurement, and the span that it was made in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) value: f64,
    pub(crate) source: Source,
}

/// The sampled span that a measurement was made in, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    /// In nanoseconds since 1970.
    pub(crate) time: u64,
}

/// The last exemplar of each bucket, the one above all bounds included. A counter is one bucket.
pub(crate) type Buckets = Box<[Option<Exemplar>]>;

/// Keeps the last sampled measurement of each series and bucket.
pub(crate) struct Reservoir {
    /// Upper bounds of the buckets, rising, without infinity.
    bounds: Arc<[f64]>,
    /// By the attributes in the order they were given, as the instrument looks its series up: a caller gives one order.
    series: Mutex<FxHashMap<Box<[KeyValue]>, Arc<Slot>>>,
}

/// Where the exemplars of one series are kept.
pub(crate) struct Slot {
    bounds: Arc<[f64]>,
    buckets: Mutex<Buckets>,
}

impl Reservoir {
    /// `bounds` are those of the histogram; none for a counter.
    pub(crate) fn new(bounds: &[f64]) -> Self {
        Self { bounds: bounds.into(), series: Mutex::default() }
    }

    /// Where the exemplars of a series are kept; `None` for one too many.
    pub(crate) fn slot(&self, attributes: &[KeyValue]) -> Option<Arc<Slot>> {
        let mut series = lock(&self.series);
        if let Some(slot) = series.get(attributes) {
            return Some(Arc::clone(slot));
        }
        if series.len() >= MAX_SERIES {
            return None;
        }
        let buckets = Mutex::new(vec![None; self.bounds.len() + 1].into());
        let slot = Arc::new(Slot { bounds: Arc::clone(&self.bounds), buckets });
        series.insert(attributes.into(), Arc::clone(&slot));
        Some(slot)
    }

    /// A copy of what is kept.
    pub(super) fn copy(&self) -> Vec<(Box<[KeyValue]>, Buckets)> {
        lock(&self.series)
            .iter()
            .map(|(attributes, slot)| (attributes.clone(), lock(&slot.buckets).clone()))
            .filter(|(_, buckets)| buckets.iter().any(Option::is_some))
            .collect()
    }
}

impl Slot {
    /// Remembers a measurement, unless a later one is there.
    pub(crate) fn offer(&self, value: f64, source: Source) {
        // The SDK does not count these either.
        if !value.is_finite() {
            return;
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        let kept = &mut lock(&self.buckets)[bucket];
        if kept.is_none_or(|kept| kept.source.time <= source.time) {
            *kept = Some(Exemplar { value, source });
        }
    }
}

/// The span that this thread's measurements are made in.
#[derive(Debug, Clone, Copy)]
enum Measured {
    /// The current one.
    InCurrent,
    /// This one, at this time; none if it is not sampled.
    In(Option<Source>),
}

thread_local!(static MEASURED: RefCell<Measured> = const { RefCell::new(Measured::InCurrent) });

/// The span that a measurement is made in now, if it is sampled: the one that [`measured_in`] says, or the current one.
pub(crate) fn with_source<R>(work: impl FnOnce(Option<&Source>) -> R) -> R {
    MEASURED.with_borrow(|measured| match measured {
        Measured::In(source) => work(source.as_ref()),
        Measured::InCurrent => work(sampled(&current::ids(), || Moment::now().unix).as_ref()),
    })
}

/// Does `work`, whose measurements are made in the span with these ids, at `time` (nanoseconds since 1970): without a switch
/// of what is current, and without another look at the clock.
pub(crate) fn measured_in<R>(ids: &Ids, time: u64, work: impl FnOnce() -> R) -> R {
    /// Also when the work panics.
    struct Back(Measured);
    impl Drop for Back {
        fn drop(&mut self) {
            MEASURED.set(self.0);
        }
    }
    let _back = Back(MEASURED.replace(Measured::In(sampled(ids, || time))));
    work()
}

/// Nothing that can panic is done under these locks but growing the map, which leaves it whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sampled(ids: &Ids, time: impl FnOnce() -> u64) -> Option<Source> {
    (ids.is_sampled() && ids.is_valid()).then(|| Source { trace_id: ids.trace_id, span_id: ids.span_id, time: time() })
}

#[cfg(test)]
mod tests {
    use opentelemetry::{KeyValue, SpanId, TraceFlags, TraceId};

    use super::{MAX_SERIES, Reservoir, Source};
    use crate::telemetry::current::{Current, Ids};

    impl Reservoir {
        fn offer(&self, value: f64, attributes: &[KeyValue]) {
            let slot = self.slot(attributes);
            super::with_source(|source| {
                if let (Some(slot), Some(source)) = (slot, source) {
                    slot.offer(value, *source);
                }
            });
        }
    }

    fn span(id: u64, flags: TraceFlags) -> Current {
        Current::new(Ids { trace_id: TraceId::from(1), span_id: SpanId::from(id), flags, ..Ids::NONE }, None)
    }

    /// The span ids kept, by bucket.
    fn kept(reservoir: &Reservoir) -> Vec<Option<SpanId>> {
        let copy = reservoir.copy();
        assert!(copy.len() <= 1, "one series");
        copy.first().map_or_else(Vec::new, |(_, buckets)| {
            buckets.iter().map(|exemplar| exemplar.map(|exemplar| exemplar.source.span_id)).collect()
        })
    }

    #[test]
    fn the_last_sampled_measurement_of_each_bucket_is_kept() {
        let reservoir = Reservoir::new(&[1.0, 2.0]);

        for (id, value) in [(1, 0.5), (2, 1.0), (3, 1.5), (4, 9.0), (5, f64::INFINITY), (6, f64::NAN)] {
            let _current = span(id, TraceFlags::SAMPLED).enter(None);
            reservoir.offer(value, &[]);
        }

        // An upper bound is part of its bucket.
        assert_eq!(kept(&reservoir), [2, 3, 4].map(|id| Some(SpanId::from(id))));
    }

    #[test]
    fn a_measurement_that_comes_late_replaces_none_that_was_made_later() {
        let reservoir = Reservoir::new(&[]);
        let slot = reservoir.slot(&[]).unwrap();
        let made = |id: u64, millis: u64| Source {
            trace_id: TraceId::from(1),
            span_id: SpanId::from(id),
            time: millis * 1_000_000,
        };

        slot.offer(1.0, made(1, 20));
        slot.offer(2.0, made(2, 10));

        assert_eq!(kept(&reservoir), [Some(SpanId::from(1))]);
    }

    #[test]
    fn outside_of_a_sampled_span_nothing_is_kept() {
        let reservoir = Reservoir::new(&[]);

        reservoir.offer(1.0, &[]);
        {
            let _current = span(1, TraceFlags::NOT_SAMPLED).enter(None);
            reservoir.offer(1.0, &[]);
        }
        {
            let _current = span(0, TraceFlags::SAMPLED).enter(None);
            reservoir.offer(1.0, &[]);
        }

        assert!(reservoir.copy().is_empty());
    }

    #[test]
    fn label_values_without_end_do_not_take_memory_without_end() {
        let reservoir = Reservoir::new(&[]);
        let _current = span(1, TraceFlags::SAMPLED).enter(None);

        for number in 0..10_000 {
            reservoir.offer(1.0, &[KeyValue::new("id", number)]);
        }

        assert_eq!(reservoir.copy().len(), MAX_SERIES);
    }
}
