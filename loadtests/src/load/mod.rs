//! Users on a service: goose drives them, everybody counts, budgets are judged.
//!
//! ```text
//! workload files ─▶ Plan ─▶ phases: without telemetry, all traces, a share of them ─▶ budgets, conservation ─▶ LoadReport
//!                           trials: collector slow, down, refusing, half-open; many users
//! ```
//!
//! - [`Plan`]: what is to be done, read and tried before anything is started;
//! - [`run`]: all of it against a service that is started for each phase anew, with a collector of its own;
//! - [`run_url`]: against a service that runs already, of which only the driver's view is known;
//! - [`LoadReport`]: what came of it, and how it reads in a terminal.
//!
//! The time of a request ends with the last byte of its body. (Goose's own reports count to the first.) Goose keeps
//! state for the whole process, so one load runs at a time.

mod attack;
mod budgets;
mod drain;
mod error;
mod ledger;
mod paired;
mod phase;
mod plan;
mod report;
mod run;
mod scrape;
mod seen;
mod terminal;
mod traces;
mod transaction;
mod trial;
mod url;
mod watch;

pub use attack::claim_interrupts;
pub use budgets::{Budget, budgets};
pub use error::LoadError;
pub use paired::{Harm, Interval, harm};
pub use plan::{Overrides, Plan};
pub use report::{KindReport, LoadReport, LoadVerdict, PhaseReport, Times, TrialReport};
pub use run::{Progress, run};
pub use terminal::terminal;
pub use url::run_url;
