//! The deterministic lane: what telemetry adds to a request, counted instead of timed.
//!
//! A program answers requests inside its own process ([`Counts`] says what it prints). It is run with `n` requests and
//! with `2n`, and what the second half cost is told: starting up, connecting and warming up are in both and cancel.
//! Allocations, spans and OTLP bytes the program counts itself; instructions are counted by valgrind's callgrind, and where
//! that is missing they are "not measured", never zero. The same is done with telemetry off: the difference is what
//! telemetry adds. It is held against a committed [`Baseline`].
//!
//! [`measure`] runs the program, [`judge`] is a pure function of what was measured and the baseline, [`print()`] writes it for
//! a person.

mod baseline;
mod callgrind;
mod counts;
mod figures;
mod judge;
mod measure;
mod outcome;
pub(crate) mod report;
mod round;
mod valgrind;

pub use baseline::{Baseline, BaselineError};
pub use callgrind::{CallgrindError, instructions};
pub use counts::{Counts, CountsError};
pub use figures::{Added, ArmFigures, Figure, KindFigures, Made, Measured};
pub use judge::judge;
pub use measure::{Effort, LaneError, Problem, measure};
pub use outcome::{Deviation, FigureName, LaneOutcome, LaneVerdict};
pub use report::print;
