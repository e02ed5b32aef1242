//! OpenTelemetry's semantic conventions, as data.
//!
//! A pack is a file of constant tables: which spans it is about, which
//! attributes they carry and when, how they are named, what makes them failed,
//! and the metrics beside them. A small engine reads the tables, so a new pack
//! is one new file and one line in [`SPANS`] and [`METRICS`].
//!
//! Versions: HTTP and database v1.44.0, `GenAI` v1.41.1 (the last one in which
//! `GenAI` is part of the main repository; all of it is "Development").
//!
//! Two rules are stricter than the conventions' text, which only recommends
//! them. A client span must say whom it called (`server.address` and its
//! port), and a successful model call which model answered, why it stopped and
//! what it used: without these neither dependency nor cost can be told. A
//! contract that names such an attribute `optional` for a span is obeyed.

mod common;
mod database;
mod deprecated;
mod engine;
mod genai;
mod http;
mod model;
mod resolve;
mod resource;

pub use deprecated::successor;
pub use engine::{Examiner, Problem};
pub use model::{AttributeRule, Failure, LabelRule, MetricConvention, Need, Presence, SpanConvention, Test, ValueType};
pub use resolve::{known_attribute, resolve};
pub use resource::{RESOURCE, ResourceRule};

/// All conventions on spans.
pub const SPANS: &[&SpanConvention] = &[&http::SERVER, &http::CLIENT, &database::CLIENT, &genai::CLIENT];

/// All conventions on metrics.
pub const METRICS: &[&[MetricConvention]] = &[http::METRICS, database::METRICS, genai::METRICS];

/// The convention on the metric of this Prometheus name.
pub fn metric(name: &str) -> Option<&'static MetricConvention> {
    METRICS.iter().copied().flatten().find(|convention| convention.name == name)
}
