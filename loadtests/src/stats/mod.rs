//! The statistics of the experiment. All of it is pure: numbers in, numbers out.
//!
//! One launch gives one observation, the logarithm of a ratio. That launches differ is the noise there is, and longer
//! launches do not average it away; so intervals are Student's t over launches. Requests or windows of time are never
//! pooled, and launches never bootstrapped: at 8 to 40 launches both raise more false alarms than they promise
//! (`simulations` shows it).
//!
//! - [`Sample`]: number, mean and standard deviation, or why there are none;
//! - [`student`]: quantiles of t, and the interval;
//! - [`looks`]: what looking several times makes of a level;
//! - [`sign_flip`]: the exact randomisation test, as a cross-check that supposes no distribution;
//! - [`power`]: what a run could have told, and how long one would have to be;
//! - [`Rate`]: a proportion with its interval.

pub mod looks;
pub mod power;
mod proportion;
mod sample;
pub mod sign_flip;
pub mod student;

#[cfg(test)]
mod simulations;

pub use proportion::Rate;
pub use sample::{Sample, Unmeasured};
