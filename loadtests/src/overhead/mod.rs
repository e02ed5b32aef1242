//! The experiment: what telemetry costs a service, with an interval, a stated confidence and a verdict.
//!
//! The service is started more than once at a time, each time with another environment: the *arms*. All get the same
//! requests, item by item in random order, and the CPU clock of each process is read before and after. That is one
//! *launch*; its log-ratios are one observation. Launches follow until the interval over them decides, at looks fixed
//! beforehand.
//!
//! Made here:
//!
//! - [`run`]: one experiment from its first launch to its outcome;
//! - [`arm`]: the ways to run the service, and [`sampling`]: which traces each must export;
//! - [`launch`]: one launch, and [`launch_validity`]: whether it proves anything;
//! - [`latency`]: latency at a fixed rate of arrival;
//! - [`tally`]: what has arrived of an arm's telemetry, and [`cpu`]: the clocks.
//!
//! Judged here, all of it pure:
//!
//! - [`record`]: what one launch saw, as it stands in the ledger;
//! - [`outcome`]: what the experiment found, as reports read it;
//! - [`ledger`]: the launches of all runs, kept;
//! - [`plan`]: when the launches are looked at, and what a look decides;
//! - [`validity`]: what makes a run prove nothing;
//! - [`verdict`]: the [`Judge`](verdict::Judge), asked after each launch, and what it concludes;
//! - [`effect`]: effects of all arms, for the report;
//! - [`against`]: whether telemetry has become dearer since another commit;
//! - [`calibrate`]: how often the gate is wrong, and what it sees, from the ledger.

mod advice;
pub mod against;
pub mod arm;
pub mod calibrate;
pub mod cpu;
pub mod effect;
pub mod latency;
pub mod launch;
pub mod launch_validity;
#[cfg(test)]
mod launches;
pub mod ledger;
pub mod machine;
pub mod outcome;
pub mod plan;
pub mod record;
pub mod run;
pub mod sampling;
pub mod tally;
mod up;
pub mod validity;
pub mod verdict;

pub use up::{Bench, LaunchError};
