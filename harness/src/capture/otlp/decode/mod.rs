//! Protobuf messages as the capture's types.

mod common;
mod logs;
mod metrics;
mod traces;

pub use logs::logs;
pub use metrics::metrics;
pub use traces::traces;

// The same readings of numbers serve OTLP JSON.
pub(super) use metrics::{float, temporality};
pub(super) use traces::{kind, status_code};
