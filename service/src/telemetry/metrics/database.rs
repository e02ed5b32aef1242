//! Calls to Qdrant and Redis. Buckets as the conventions give them.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    metrics::{Histogram, Meter},
};

use super::seconds;

const BUCKETS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

pub(crate) struct DatabaseMetrics {
    duration: Histogram<f64>,
}

impl DatabaseMetrics {
    pub(super) fn new(meter: &Meter) -> Self {
        let name = "db.client.operation.duration";
        Self { duration: seconds(meter, name, "Duration of database client operations.", &BUCKETS) }
    }

    /// `labels` are the span's own database attributes.
    pub(crate) fn operation(&self, elapsed: Duration, labels: &[KeyValue]) {
        self.duration.record(elapsed.as_secs_f64(), labels);
    }
}
