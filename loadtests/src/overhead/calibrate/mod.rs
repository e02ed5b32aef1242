//! How often the gate is wrong, and what it sees: from the ledger of launches that were really made.
//!
//! Runs are made up by drawing launches from the ledger, with replacement and without regard to order, and judged by the
//! same plan as real ones.
//!
//! - [`AaRow`]: arms that are the same, either way round: every alarm is a false one;
//! - [`ConfusionRow`]: the noise of the main arm, shifted so that the true cost is known, and the verdicts on it;
//! - [`PowerRow`]: arms to which a cost was added, and how often the difference is seen.
//!
//! A rate over 10,000 resampled runs is not one over 10,000 real ones: all of them come from the same launches, so no more
//! is known of rare noise than the ledger saw of it. [`Calibration::disjoint_runs`] says how many runs it could really be
//! cut into.

mod confusion;
mod identical;
mod markdown;
mod power;
mod resample;
mod run;

#[cfg(test)]
mod tests;

pub use confusion::ConfusionRow;
pub use identical::AaRow;
pub use markdown::markdown;
pub use power::{PowerAt, PowerRow};
pub use run::{CalibrateError, Calibration, Pair, Settings, calibrate};
