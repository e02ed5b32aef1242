//! OTLP JSON: what the Collector's file exporter writes a line, and what OTLP/HTTP carries as `application/json`.

mod read;
mod write;

pub use read::{Batch, read};
pub use write::{logs, metrics, traces};
