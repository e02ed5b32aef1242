//! The instruments, made once. A field is an instrument; its method takes what its labels are made from.

mod database;
mod export;
pub(crate) mod gen_ai;
pub(crate) mod http;
mod instrument;
mod process;
mod rag;
mod tokio_runtime;
pub(crate) mod usage;

use self::{
    database::DatabaseMetrics,
    export::ExportMetrics,
    gen_ai::GenAiMetrics,
    http::HttpMetrics,
    instrument::{Counter, Histogram},
    rag::RagMetrics,
    usage::UsageExemplars,
};
pub(crate) use self::{
    export::ExportCounter,
    instrument::{Instruments, KnownHistogram},
};

/// Every instrument of the service.
pub(crate) struct Metrics {
    pub(crate) http: HttpMetrics,
    pub(crate) database: DatabaseMetrics,
    pub(crate) gen_ai: GenAiMetrics,
    pub(crate) rag: RagMetrics,
    pub(crate) usage: UsageExemplars,
    pub(crate) export: ExportMetrics,
}

impl Metrics {
    pub(crate) fn new(make: &mut Instruments<'_>) -> Self {
        process::observe(make.meter());
        tokio_runtime::observe(make.meter());
        Self {
            http: HttpMetrics::new(make),
            database: DatabaseMetrics::new(make),
            gen_ai: GenAiMetrics::new(make),
            rag: RagMetrics::new(make),
            usage: UsageExemplars::new(make),
            // Counted by the exporters' own threads, where there is no span to lead to.
            export: ExportMetrics::new(make.meter()),
        }
    }
}
