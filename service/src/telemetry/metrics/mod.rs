//! The instruments, made once. A field is an instrument; its method takes what its labels are made from.

mod database;
mod export;
mod gen_ai;
pub(crate) mod http;
mod process;
mod rag;
mod tokio_runtime;

use opentelemetry::metrics::{Histogram, Meter};

use self::{
    database::DatabaseMetrics, export::ExportMetrics, gen_ai::GenAiMetrics, http::HttpMetrics, rag::RagMetrics,
};
pub(crate) use self::{export::ExportCounter, rag::TokenType};

/// Every instrument of the service.
pub(crate) struct Metrics {
    pub(crate) http: HttpMetrics,
    pub(crate) database: DatabaseMetrics,
    pub(crate) gen_ai: GenAiMetrics,
    pub(crate) rag: RagMetrics,
    pub(crate) export: ExportMetrics,
}

impl Metrics {
    pub(crate) fn new(meter: &Meter) -> Self {
        process::observe(meter);
        tokio_runtime::observe(meter);
        Self {
            http: HttpMetrics::new(meter),
            database: DatabaseMetrics::new(meter),
            gen_ai: GenAiMetrics::new(meter),
            rag: RagMetrics::new(meter),
            export: ExportMetrics::new(meter),
        }
    }
}

/// A histogram of seconds.
fn seconds(meter: &Meter, name: &'static str, description: &'static str, buckets: &[f64]) -> Histogram<f64> {
    meter.f64_histogram(name).with_unit("s").with_description(description).with_boundaries(buckets.to_vec()).build()
}
