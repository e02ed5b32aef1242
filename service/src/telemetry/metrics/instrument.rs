//! Instruments that look a series up once, queue what is measured, and remember exemplars.

use std::{
    marker::PhantomData,
    sync::{Arc, OnceLock, PoisonError, RwLock},
};

use opentelemetry::{
    KeyValue,
    metrics::{self, BoundCounter, BoundHistogram, BoundUpDownCounter},
};
use rustc_hash::FxHashMap;

use super::queue::{self, Queue, SeriesId};
use crate::telemetry::{
    exemplars::{self, Exemplars, Reservoir, Slot, Source},
    scratch::with_attributes,
};

/// Series of one instrument that are found without the SDK's own search; measurements of later ones are slower.
const MAX_SERIES: usize = 256;

/// Makes instruments, and collects the reservoirs of their exemplars.
pub(crate) struct Instruments<'m> {
    meter: &'m metrics::Meter,
    shown: bool,
    /// `None`: no exemplars are kept.
    exemplars: Option<Exemplars>,
    queue: Arc<Queue>,
}

/// A histogram.
pub(crate) type Histogram<T> = Instrument<metrics::Histogram<T>>;

/// A counter.
pub(crate) type Counter = Instrument<metrics::Counter<u64>>;

/// A known series of a histogram.
pub(crate) type KnownHistogram<T> = Known<metrics::Histogram<T>>;

/// A known series of a counter.
pub(crate) type KnownCounter = Known<metrics::Counter<u64>>;

/// A known series of a number that goes up and down.
pub(crate) type KnownUpDownCounter = Known<metrics::UpDownCounter<i64>>;

/// A number that goes up and down.
pub(crate) type UpDownCounter = Instrument<metrics::UpDownCounter<i64>>;

/// An instrument of the API, whose measurements are queued.
///
/// The SDK finds the series of a measurement by a hash and a comparison of all its attributes, made to withstand
/// attributes that somebody chose to collide. The labels here are the service's own, so a cheaper hash does, once for
/// the series and its exemplars.
pub(crate) struct Instrument<I: Bind> {
    api: I,
    /// Whether anybody shows what is measured.
    shown: bool,
    exemplars: Option<Arc<Reservoir>>,
    queue: Arc<Queue>,
    series: RwLock<ByLabels<SeriesId>>,
}

/// A series that is measured from one place again and again: found at the first measurement, held from then on.
pub(crate) struct Known<I>(OnceLock<SeriesId>, PhantomData<fn(I)>);

/// By the labels in the order in which they are given.
type ByLabels<T> = FxHashMap<Box<[KeyValue]>, T>;

struct Series<I: Bind> {
    bound: I::Bound,
    exemplars: Option<Arc<Slot>>,
}

/// An API instrument whose series can be held.
pub(crate) trait Bind: 'static {
    type Number: Copy;
    type Bound: Send + Sync;

    fn bind(&self, labels: &[KeyValue]) -> Self::Bound;
    fn record(bound: &Self::Bound, number: Self::Number);
    fn record_unbound(&self, number: Self::Number, labels: &[KeyValue]);
    /// Prometheus knows doubles only.
    fn double(number: Self::Number) -> f64;
    /// As it is written into the queue.
    fn to_bits(number: Self::Number) -> u64;
    fn from_bits(bits: u64) -> Self::Number;
}

impl<I: Bind> Instrument<I> {
    /// Records a measurement; of a counter, adds it.
    pub(super) fn record(&self, number: I::Number, labels: &[KeyValue]) {
        if self.shown {
            self.find_and_record(number, labels);
        }
    }

    /// Records a measurement of a series whose labels are always the same: they are asked for once.
    pub(super) fn record_known(&self, known: &Known<I>, number: I::Number, labels: impl FnOnce(&mut Vec<KeyValue>)) {
        if let Some(series) = known.0.get() {
            self.queue.push(*series, I::to_bits(number));
        } else if self.shown {
            self.get_to_know(known, number, labels);
        }
    }

    /// The same, of a series that there may be too many of.
    pub(super) fn record_if_known(
        &self,
        known: Option<&Known<I>>,
        number: I::Number,
        labels: impl FnOnce(&mut Vec<KeyValue>),
    ) {
        match known {
            Some(known) => self.record_known(known, number, labels),
            None => with_attributes(|list| {
                labels(list);
                self.record(number, list);
            }),
        }
    }

    #[cold]
    fn get_to_know(&self, known: &Known<I>, number: I::Number, labels: impl FnOnce(&mut Vec<KeyValue>)) {
        with_attributes(|list| {
            labels(list);
            if let Some(series) = self.find_and_record(number, list) {
                // Another thread may have been quicker, with the same series.
                let _ = known.0.set(series);
            }
        });
    }

    fn find_and_record(&self, number: I::Number, labels: &[KeyValue]) -> Option<SeriesId> {
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner).get(labels).copied();
        let series = known.or_else(|| self.new_series(labels));
        match series {
            Some(series) => self.queue.push(series, I::to_bits(number)),
            None => self.record_unbound(number, labels),
        }
        series
    }

    /// A series that can be queued for; `None` for one too many.
    #[cold]
    fn new_series(&self, labels: &[KeyValue]) -> Option<SeriesId> {
        let mut known = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(labels) {
            return Some(*series);
        }
        if known.len() >= MAX_SERIES {
            return None;
        }
        let series = self.queue.register(Box::new(Series::<I> {
            bound: self.api.bind(labels),
            exemplars: self.exemplars.as_ref().and_then(|exemplars| exemplars.slot(labels)),
        }));
        known.insert(labels.into(), series);
        Some(series)
    }

    #[cold]
    fn record_unbound(&self, number: I::Number, labels: &[KeyValue]) {
        self.api.record_unbound(number, labels);
        let slot = self.exemplars.as_ref().and_then(|exemplars| exemplars.slot(labels));
        exemplars::with_source(|source| {
            if let (Some(slot), Some(source)) = (slot, source) {
                slot.offer(I::double(number), *source);
            }
        });
    }
}

impl<I> Default for Known<I> {
    fn default() -> Self {
        Self(OnceLock::new(), PhantomData)
    }
}

impl<I: Bind> queue::Series for Series<I> {
    fn add(&self, number: u64, source: Option<&Source>) {
        let number = I::from_bits(number);
        I::record(&self.bound, number);
        // After the measurement, so that an exemplar is never shown in a bucket that does not count it yet.
        if let (Some(exemplars), Some(source)) = (&self.exemplars, source) {
            exemplars.offer(I::double(number), *source);
        }
    }
}

impl<'m> Instruments<'m> {
    /// `shown`: whether anybody shows what is measured; nothing is measured otherwise.
    pub(crate) fn new(meter: &'m metrics::Meter, shown: bool, keep_exemplars: bool) -> Self {
        let exemplars = (shown && keep_exemplars).then(Exemplars::default);
        let queue = Arc::new(Queue::new(exemplars.is_some()));
        Self { meter, shown, exemplars, queue }
    }

    /// Where measurements wait; it is to be settled before they are shown.
    pub(crate) fn queue(&self) -> Arc<Queue> {
        Arc::clone(&self.queue)
    }

    /// For instruments that are observed.
    pub(super) fn meter(&self) -> &'m metrics::Meter {
        self.meter
    }

    /// The exemplars of all instruments made.
    pub(crate) fn into_exemplars(self) -> Exemplars {
        self.exemplars.unwrap_or_default()
    }

    /// A histogram of seconds.
    pub(super) fn seconds(&mut self, name: &'static str, description: &'static str, bounds: &[f64]) -> Histogram<f64> {
        let builder = self.meter.f64_histogram(name).with_unit("s").with_description(description);
        let instrument = builder.with_boundaries(bounds.to_vec()).build();
        let exemplars = self.reservoir(exported_name(name, "_seconds"), bounds);
        self.instrument(instrument, exemplars)
    }

    /// A histogram of things counted. `unit` is an annotation such as `{token}`, which no name shows.
    pub(super) fn counts(
        &mut self,
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        bounds: &[f64],
    ) -> Histogram<u64> {
        let builder = self.meter.u64_histogram(name).with_unit(unit).with_description(description);
        let instrument = builder.with_boundaries(bounds.to_vec()).build();
        let exemplars = self.reservoir(exported_name(name, ""), bounds);
        self.instrument(instrument, exemplars)
    }

    /// A counter. `unit` is an annotation such as `{token}`, which no name shows.
    pub(super) fn counter(&mut self, name: &'static str, unit: &'static str, description: &'static str) -> Counter {
        let instrument = self.meter.u64_counter(name).with_unit(unit).with_description(description).build();
        let exemplars = self.reservoir(exported_name(name, "_total"), &[]);
        self.instrument(instrument, exemplars)
    }

    /// A number that goes up and down, which has no exemplars.
    pub(super) fn up_down_counter(
        &self,
        name: &'static str,
        unit: &'static str,
        description: &'static str,
    ) -> UpDownCounter {
        let builder = self.meter.i64_up_down_counter(name).with_unit(unit).with_description(description);
        self.instrument(builder.build(), None)
    }

    fn instrument<I: Bind>(&self, api: I, exemplars: Option<Arc<Reservoir>>) -> Instrument<I> {
        Instrument { api, shown: self.shown, exemplars, queue: Arc::clone(&self.queue), series: RwLock::default() }
    }

    fn reservoir(&mut self, family: String, bounds: &[f64]) -> Option<Arc<Reservoir>> {
        let exemplars = self.exemplars.as_mut()?;
        let reservoir = Arc::new(Reservoir::new(bounds));
        exemplars.add(family, Arc::clone(&reservoir));
        Some(reservoir)
    }
}

/// The exporter's name for an instrument. That it is, for every instrument, is held by a test.
fn exported_name(name: &str, suffix: &str) -> String {
    format!("{}{suffix}", name.replace('.', "_"))
}

impl Bind for metrics::Histogram<f64> {
    type Number = f64;
    type Bound = BoundHistogram<f64>;

    fn bind(&self, labels: &[KeyValue]) -> BoundHistogram<f64> {
        self.bind(labels)
    }

    fn record(bound: &BoundHistogram<f64>, number: f64) {
        bound.record(number);
    }

    fn record_unbound(&self, number: f64, labels: &[KeyValue]) {
        self.record(number, labels);
    }

    fn double(number: f64) -> f64 {
        number
    }

    fn to_bits(number: f64) -> u64 {
        number.to_bits()
    }

    fn from_bits(bits: u64) -> f64 {
        f64::from_bits(bits)
    }
}

impl Bind for metrics::Histogram<u64> {
    type Number = u64;
    type Bound = BoundHistogram<u64>;

    fn bind(&self, labels: &[KeyValue]) -> BoundHistogram<u64> {
        self.bind(labels)
    }

    fn record(bound: &BoundHistogram<u64>, number: u64) {
        bound.record(number);
    }

    fn record_unbound(&self, number: u64, labels: &[KeyValue]) {
        self.record(number, labels);
    }

    fn double(number: u64) -> f64 {
        approximate(number)
    }

    fn to_bits(number: u64) -> u64 {
        number
    }

    fn from_bits(bits: u64) -> u64 {
        bits
    }
}

impl Bind for metrics::Counter<u64> {
    type Number = u64;
    type Bound = BoundCounter<u64>;

    fn bind(&self, labels: &[KeyValue]) -> BoundCounter<u64> {
        self.bind(labels)
    }

    fn record(bound: &BoundCounter<u64>, number: u64) {
        bound.add(number);
    }

    fn record_unbound(&self, number: u64, labels: &[KeyValue]) {
        self.add(number, labels);
    }

    fn double(number: u64) -> f64 {
        approximate(number)
    }

    fn to_bits(number: u64) -> u64 {
        number
    }

    fn from_bits(bits: u64) -> u64 {
        bits
    }
}

impl Bind for metrics::UpDownCounter<i64> {
    type Number = i64;
    type Bound = BoundUpDownCounter<i64>;

    fn bind(&self, labels: &[KeyValue]) -> BoundUpDownCounter<i64> {
        self.bind(labels)
    }

    fn record(bound: &BoundUpDownCounter<i64>, number: i64) {
        bound.add(number);
    }

    fn record_unbound(&self, number: i64, labels: &[KeyValue]) {
        self.add(number, labels);
    }

    /// It has no exemplars.
    fn double(_: i64) -> f64 {
        f64::NAN
    }

    fn to_bits(number: i64) -> u64 {
        number.cast_unsigned()
    }

    fn from_bits(bits: u64) -> i64 {
        bits.cast_signed()
    }
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows doubles only")]
fn approximate(value: u64) -> f64 {
    value as f64
}
