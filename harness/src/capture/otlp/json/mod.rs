//! OTLP JSON: what the Collector's file exporter writes a line, and what OTLP/HTTP carries as `application/json`.

mod read;
mod write;

pub(in crate::capture) use read::Real as ReadReal;
pub use read::{Batch, read};
pub(in crate::capture) use write::Real as WriteReal;
pub use write::{logs, metrics, traces};
