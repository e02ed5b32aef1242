//! Calls to Qdrant and Redis. Buckets as the conventions give them.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::{Histogram, Instruments, KnownHistogram};

const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

pub(crate) struct DatabaseMetrics {
    duration: Histogram<f64>,
}

impl DatabaseMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let name = "db.client.operation.duration";
        Self { duration: make.seconds(name, "Duration of database client operations.", &BUCKETS) }
    }

    /// A call that succeeded, of a kind whose series is known after the first.
    pub(crate) fn succeeded(&self, known: &KnownHistogram<f64>, elapsed: Duration, labels: &[KeyValue]) {
        self.duration.record_known(known, elapsed.as_secs_f64(), |list| list.extend_from_slice(labels));
    }

    /// `labels` are the span's own database attributes.
    pub(crate) fn operation(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.duration.record(elapsed.as_secs_f64(), labels);
    }
}
