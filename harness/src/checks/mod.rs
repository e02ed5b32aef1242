//! Pure functions from a capture and a contract to findings.
//!
//! A check has no clock, network or randomness: the same capture and contract
//! always give the same findings, in the same order. To add one, write a file
//! with a `pub(super) const CHECK: Check` and name it in [`CHECKS`].
//!
//! One defect is to give one finding. Two checks share what they know through
//! pure functions both call, never through each other's findings: `survey`
//! says what is odd about a trace's ids and parents, `tree` says which orphans
//! a missing span accounts for.

mod index;
mod judge;
mod names;
mod parallel;
mod propagation;
mod scenarios;
mod structure;
mod subject;
mod survey;
mod timing;
mod trace_presence;
mod tree;

pub use index::{Index, Parent, Trace};
pub use judge::judge;

use crate::contract::Contract;
use crate::finding::Finding;

/// A check.
pub struct Check {
    /// Its name: that of its file.
    pub name: &'static str,
    /// What it asks, in one sentence.
    pub about: &'static str,
    /// What it counts: `spans`, `traces`, `series`.
    pub unit: &'static str,
    /// Whether the contract asks for it. A check that is asked for and examines nothing is a violation;
    /// one that is not asked for still runs, and judges what there is.
    pub wanted: fn(&Contract) -> bool,
    /// Looks at the capture, adds what it found, and returns how many things it examined.
    pub run: fn(&Index<'_>, &Contract, &mut Vec<Finding>) -> u64,
}

/// All checks, in the order in which their findings are told.
pub const CHECKS: &[Check] = &[
    scenarios::CHECK,
    trace_presence::CHECK,
    structure::CHECK,
    tree::CHECK,
    timing::CHECK,
    names::CHECK,
    propagation::CHECK,
];

/// Whether the contract promises any span.
fn promises_spans(contract: &Contract) -> bool {
    !contract.spans.is_empty() || !contract.traces.is_empty()
}
