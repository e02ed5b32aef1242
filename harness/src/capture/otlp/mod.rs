//! OTLP to and from the capture's types.
//!
//! - [`decode`] and [`encode`]: the protobuf messages of `opentelemetry-proto`.
//! - [`json`]: OTLP JSON, borrowed from the text it is read from. The serde support of `opentelemetry-proto` would not
//!   do: it copies every string, writes `NaN` attributes as `null` and reads neither enum names nor snake case.
//!
//! What the capture has no place for is left out: entity references of a resource, data point flags (a number without
//! a recorded value is read as `NaN`), and whether a metric's numbers were integers. A sum of unspecified temporality
//! is read as cumulative, a non-monotonic one as a gauge.

pub mod decode;
pub mod encode;
mod error;
mod family;
mod group;
pub mod json;

pub use error::DecodeError;
pub(in crate::capture) use family::fits;
