//! Clients that ask real back ends what they hold.
//!
//! They ask and decode, and judge nothing: what they return becomes part of a capture
//! ([`Arrived`](crate::capture::Arrived)), and checks compare it with the rest. Errors name the address, what came
//! back, and the next step.

mod endpoint;
mod error;
pub mod grafana;
pub mod jaeger;
pub mod prometheus;

pub use error::{BackEndError, BackEndErrorKind};
pub use grafana::Grafana;
pub use jaeger::Jaeger;
pub use prometheus::Prometheus;
