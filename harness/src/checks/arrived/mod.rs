//! Whether what the service sent arrived in the back ends, whole and unchanged.
//!
//! These checks look at [`Arrived`](crate::capture::Arrived) and are silent where no back end was asked. Each compares
//! what a back end holds with what our own receiver and scrapes got of the same service at the same time.

mod clock;
mod compare;
mod flat;
mod increase;
mod losses;
mod metrics;
mod origins;
mod samples;
mod series;
mod spans;
mod stored;
mod target;
mod values;

pub use losses::{LOSSES, Loss, Stores};

use super::Check;

pub(super) const SPANS: Check = spans::CHECK;
pub(super) const TARGET: Check = target::CHECK;
pub(super) const CLOCK: Check = clock::CHECK;
pub(super) const METRICS: Check = metrics::CHECK;
pub(super) const SERIES: Check = series::CHECK;
pub(super) const SAMPLES: Check = samples::CHECK;
