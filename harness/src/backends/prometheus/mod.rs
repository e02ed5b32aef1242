//! Prometheus' HTTP API.
//!
//! Times are nanoseconds since the Unix epoch; Prometheus itself keeps milliseconds, and moments in a question are
//! rounded to them. Sample values come as text, `NaN` and `+Inf` among them, and lose nothing.

mod answer;
mod client;
mod time;
mod value;
mod wire;

pub use answer::Answer;
pub use client::{Prometheus, Tsdb};
pub use value::QueryValue;

use std::collections::BTreeMap;

/// Names and values of labels.
pub type Labels = BTreeMap<String, String>;
