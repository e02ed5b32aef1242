//! The exemplars of one instrument, while it is measured.

use std::{
    cell::Cell,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use opentelemetry::{
    Context, KeyValue, SpanId, TraceId,
    trace::{SpanContext, TraceContextExt as _},
};
use rustc_hash::FxHashMap;

/// Series of one instrument that can have exemplars; later ones have none. A series takes at most 50 bytes a bucket, so
/// that an instrument of 15 buckets stays below 200 kB however many label values a caller makes up.
const MAX_SERIES: usize = 256;

/// A measurement, and the span that it was made in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exemplar {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) value: f64,
    pub(crate) time: SystemTime,
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
    /// Remembers a measurement made in a sampled span: the one that [`measured_in`] says, or the current one.
    pub(crate) fn offer(&self, value: f64) {
        // The SDK does not count these either.
        if !value.is_finite() {
            return;
        }
        let source = match SOURCE.get() {
            Source::Current => Context::map_current(|context| sampled(context.span().span_context()))
                .map(|(trace_id, span_id)| (trace_id, span_id, SystemTime::now())),
            Source::Span(trace_id, span_id, time) => Some((trace_id, span_id, time)),
            Source::None => None,
        };
        let Some((trace_id, span_id, time)) = source else { return };
        let exemplar = Exemplar { trace_id, span_id, value, time };
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        lock(&self.buckets)[bucket] = Some(exemplar);
    }
}

/// The span that this thread's measurements are made in.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// That of the current context.
    Current,
    /// A sampled one, and the time.
    Span(TraceId, SpanId, SystemTime),
    /// One that is not sampled.
    None,
}

thread_local!(static SOURCE: Cell<Source> = const { Cell::new(Source::Current) });

/// Does `work`, whose measurements are made in the span with these ids, at `time`: without the switch of the current
/// context, and without another look at the clock.
pub(crate) fn measured_in<R>(ids: &SpanContext, time: SystemTime, work: impl FnOnce() -> R) -> R {
    /// Also when the work panics.
    struct Back(Source);
    impl Drop for Back {
        fn drop(&mut self) {
            SOURCE.set(self.0);
        }
    }
    let source = sampled(ids).map_or(Source::None, |(trace_id, span_id)| Source::Span(trace_id, span_id, time));
    let _back = Back(SOURCE.replace(source));
    work()
}

/// Nothing that can panic is done under these locks but growing the map, which leaves it whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn sampled(ids: &SpanContext) -> Option<(TraceId, SpanId)> {
    (ids.is_sampled() && ids.is_valid()).then(|| (ids.trace_id(), ids.span_id()))
}

#[cfg(test)]
mod tests {
    use opentelemetry::{
        Context, KeyValue, SpanId, TraceFlags, TraceId,
        trace::{SpanContext, TraceContextExt as _, TraceState},
    };

    use super::{MAX_SERIES, Reservoir};

    impl Reservoir {
        fn offer(&self, value: f64, attributes: &[KeyValue]) {
            if let Some(slot) = self.slot(attributes) {
                slot.offer(value);
            }
        }
    }

    fn span(id: u64, flags: TraceFlags) -> Context {
        let ids = SpanContext::new(TraceId::from(1), SpanId::from(id), flags, false, TraceState::NONE);
        Context::new().with_remote_span_context(ids)
    }

    /// The span ids kept, by bucket.
    fn kept(reservoir: &Reservoir) -> Vec<Option<SpanId>> {
        let copy = reservoir.copy();
        assert!(copy.len() <= 1, "one series");
        copy.first().map_or_else(Vec::new, |(_, buckets)| {
            buckets.iter().map(|exemplar| exemplar.map(|exemplar| exemplar.span_id)).collect()
        })
    }

    #[test]
    fn the_last_sampled_measurement_of_each_bucket_is_kept() {
        let reservoir = Reservoir::new(&[1.0, 2.0]);

        for (id, value) in [(1, 0.5), (2, 1.0), (3, 1.5), (4, 9.0), (5, f64::INFINITY), (6, f64::NAN)] {
            let _current = span(id, TraceFlags::SAMPLED).attach();
            reservoir.offer(value, &[]);
        }

        // An upper bound is part of its bucket.
        assert_eq!(kept(&reservoir), [2, 3, 4].map(|id| Some(SpanId::from(id))));
    }

    #[test]
    fn outside_of_a_sampled_span_nothing_is_kept() {
        let reservoir = Reservoir::new(&[]);

        reservoir.offer(1.0, &[]);
        {
            let _current = span(1, TraceFlags::NOT_SAMPLED).attach();
            reservoir.offer(1.0, &[]);
        }
        {
            let _current = span(0, TraceFlags::SAMPLED).attach();
            reservoir.offer(1.0, &[]);
        }

        assert!(reservoir.copy().is_empty());
    }

    #[test]
    fn label_values_without_end_do_not_take_memory_without_end() {
        let reservoir = Reservoir::new(&[]);
        let _current = span(1, TraceFlags::SAMPLED).attach();

        for number in 0..10_000 {
            reservoir.offer(1.0, &[KeyValue::new("id", number)]);
        }

        assert_eq!(reservoir.copy().len(), MAX_SERIES);
    }
}
