//! A thin typed layer over the `opentelemetry` API.
//!
//! A span is a type in `spans`, an instrument a field in `metrics`: their names and the types of their attributes
//! are the compiler's business, and the code that does the work says only `telemetry.observe(span, work)`. The SDK is
//! named in `setup` and the files it uses; nothing else knows which one it is.

mod clock;
mod current;
mod exemplars;
pub(crate) mod export;
mod exposition;
mod few;
mod handle;
mod interned;
mod libraries;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod names;
mod operation;
mod prepared;
mod propagation;
mod redaction;
mod resource;
mod sampler;
mod scratch;
mod setup;
pub(crate) mod spans;
#[cfg(test)]
mod support;
mod tracer;

pub use self::{
    exposition::Format as ExpositionFormat, handle::Telemetry, logs::install as install_logs, setup::Providers,
};
pub(crate) use self::{
    interned::interned,
    operation::{Failure, Operation, Outcome, Recorder, Running},
    prepared::Prepared,
    redaction::redacted_url,
    scratch::AttributeList,
};
