//! Instruments that look a series up once, and remember exemplars.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use opentelemetry::{
    KeyValue,
    metrics::{self, BoundCounter, BoundHistogram},
};
use rustc_hash::FxHashMap;

use crate::telemetry::{
    exemplars::{self, Exemplars, Reservoir, Slot},
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
}

/// A histogram.
pub(crate) type Histogram<T> = Instrument<metrics::Histogram<T>>;

/// A counter.
pub(crate) type Counter = Instrument<metrics::Counter<u64>>;

/// A known series of a histogram.
pub(crate) type KnownHistogram<T> = Known<metrics::Histogram<T>>;

/// An instrument of the API.
///
/// The SDK finds the series of a measurement by a hash and a comparison of all its attributes, made to withstand
/// attributes that somebody chose to collide. The labels here are the service's own, so a cheaper hash does, once for
/// the series and its exemplars.
pub(crate) struct Instrument<I: Bind> {
    api: I,
    /// Whether anybody shows what is measured.
    shown: bool,
    exemplars: Option<Arc<Reservoir>>,
    series: RwLock<ByLabels<Arc<Series<I>>>>,
}

/// A series that is measured from one place again and again: found at the first measurement, held from then on.
pub(crate) struct Known<I: Bind>(OnceLock<Arc<Series<I>>>);

/// By the labels in the order in which they are given.
type ByLabels<T> = FxHashMap<Box<[KeyValue]>, T>;

/// A series that is held.
pub(crate) struct Series<I: Bind> {
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
            series.record(number);
        } else if self.shown {
            self.get_to_know(known, number, labels);
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

    fn find_and_record(&self, number: I::Number, labels: &[KeyValue]) -> Option<Arc<Series<I>>> {
        let known = self.series.read().unwrap_or_else(PoisonError::into_inner).get(labels).cloned();
        let series = known.or_else(|| self.new_series(labels));
        match &series {
            Some(series) => series.record(number),
            None => self.record_unbound(number, labels),
        }
        series
    }

    /// A series to hold; `None` for one too many.
    #[cold]
    fn new_series(&self, labels: &[KeyValue]) -> Option<Arc<Series<I>>> {
        let mut known = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(labels) {
            return Some(Arc::clone(series));
        }
        if known.len() >= MAX_SERIES {
            return None;
        }
        let series = Arc::new(Series::<I> {
            bound: self.api.bind(labels),
            exemplars: self.exemplars.as_ref().and_then(|exemplars| exemplars.slot(labels)),
        });
        known.insert(labels.into(), Arc::clone(&series));
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

impl<I: Bind> Default for Known<I> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<I: Bind> Series<I> {
    fn record(&self, number: I::Number) {
        I::record(&self.bound, number);
        // After the measurement, so that an exemplar is never shown in a bucket that does not count it yet.
        if let Some(exemplars) = &self.exemplars {
            exemplars::with_source(|source| {
                if let Some(source) = source {
                    exemplars.offer(I::double(number), *source);
                }
            });
        }
    }
}

impl<'m> Instruments<'m> {
    /// `shown`: whether anybody shows what is measured; nothing is measured otherwise.
    pub(crate) fn new(meter: &'m metrics::Meter, shown: bool, keep_exemplars: bool) -> Self {
        let exemplars = (shown && keep_exemplars).then(Exemplars::default);
        Self { meter, shown, exemplars }
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

    /// The exemplars of a counter that is read from elsewhere.
    pub(super) fn exemplars_of(&mut self, counter: &'static str) -> Option<Arc<Reservoir>> {
        self.reservoir(exported_name(counter, "_total"), &[])
    }

    fn instrument<I: Bind>(&self, api: I, exemplars: Option<Arc<Reservoir>>) -> Instrument<I> {
        Instrument { api, shown: self.shown, exemplars, series: RwLock::default() }
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
}

#[expect(clippy::cast_precision_loss, reason = "Prometheus knows doubles only")]
pub(super) fn approximate(value: u64) -> f64 {
    value as f64
}
