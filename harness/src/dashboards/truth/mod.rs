//! What metrics there really are: what a dashboard is held against.
//!
//! A [`Truth`] is made of a scrape, of the metrics of a [`Capture`](crate::capture::Capture), or of what a Prometheus
//! holds. It knows metrics by the names that PromQL selects: `…_bucket` and `…_count` are names of their own.

mod build;
mod metric;
mod prometheus;
mod suggest;

pub(super) use metric::value;
pub use metric::{Histogram, LabelSet, Metric, Part, Truth};
