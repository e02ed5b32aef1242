//! The product's own measurements.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::{Counter, Histogram, Instruments, KnownHistogram};
use crate::{pipeline::Stage, telemetry::names::attribute};

/// From a cache hit of a millisecond to a model that takes a minute.
const DURATION_BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0];
/// Search limits are small numbers; the first bucket holds the searches without a hit.
const RESULT_BUCKETS: [f64; 9] = [0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0];

pub(crate) struct RagMetrics {
    query_duration: Histogram<f64>,
    query_errors: Counter,
    search_results: Histogram<u64>,
    known: Known,
}

/// The series that every query measures.
#[derive(Default)]
struct Known {
    /// By whether the answer was cached.
    query_duration: [KnownHistogram<f64>; 2],
    search_results: KnownHistogram<u64>,
}

impl RagMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let metrics = Self {
            query_duration: make.seconds(
                "rag.query.duration",
                "Duration of a query, failed and abandoned ones included.",
                &DURATION_BUCKETS,
            ),
            query_errors: make.counter("rag.query.errors", "{error}", "Errors of queries by the stage that failed."),
            search_results: make.counts(
                "rag.vector_search.results",
                "{result}",
                "Passages found by a vector search.",
                &RESULT_BUCKETS,
            ),
            known: Known::default(),
        };
        metrics.start_at_zero();
        metrics
    }

    /// Makes the series whose labels are known. Without them the first error would be no increase but a beginning,
    /// which a rate does not see.
    fn start_at_zero(&self) {
        for stage in Stage::ALL {
            self.query_errors.record(0, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
        }
    }

    pub(crate) fn query(&self, elapsed: Duration, cache_hit: bool) {
        let known = &self.known.query_duration[usize::from(cache_hit)];
        self.query_duration.record_known(known, elapsed.as_secs_f64(), |labels| {
            labels.push(KeyValue::new(attribute::LABEL_CACHE_HIT, cache_hit));
        });
    }

    pub(crate) fn query_error(&self, stage: Stage) {
        self.query_errors.record(1, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
    }

    pub(crate) fn search_results(&self, count: u64) {
        self.search_results.record_known(&self.known.search_results, count, |_| {});
    }
}
