//! The capture's types as protobuf messages.

mod common;
mod logs;
mod metrics;
mod traces;

pub use logs::logs;
pub use metrics::metrics;
pub use traces::traces;

// The same numbers serve OTLP JSON.
pub(super) use metrics::temporality;
pub(super) use traces::{kind, status_code};
