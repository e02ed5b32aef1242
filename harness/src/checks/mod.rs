//! Pure functions from a capture and a contract to findings.
//!
//! A check has no clock, network or randomness: the same capture and contract
//! always give the same findings, in the same order. To add one, write a file
//! with a `pub(super) const CHECK: Check` and name it in [`CHECKS`].

mod at;
mod canaries;
mod conventions;
mod error_types;
mod exchanges;
mod exemplars;
mod facts;
mod foreign;
mod index;
mod label;
mod log_channels;
mod logs;
mod metric_labels;
mod metric_shape;
mod metric_values;
mod metrics;
mod never;
mod no_telemetry;
mod record;
mod relations;
mod resource;
mod secrets;
mod series;
mod strings;
mod subject;
mod terms;
mod text;

pub use index::{Index, Parent, Trace};

use crate::capture::Capture;
use crate::contract::{Contract, Pack};
use crate::finding::{Finding, Outcome, Tally};

/// A check.
pub struct Check {
    /// Its name: that of its file.
    pub name: &'static str,
    /// What it asks, in one sentence.
    pub about: &'static str,
    /// What it counts: `spans`, `traces`, `series`.
    pub unit: &'static str,
    /// Whether the contract, or what was planted in the run, asks for it. A check that is asked for and examines
    /// nothing is a violation.
    pub wanted: fn(&Capture, &Contract) -> bool,
    /// Looks at the capture, adds what it found, and returns how many things it examined.
    pub run: fn(&Index<'_>, &Contract, &mut Vec<Finding>) -> u64,
}

/// All checks, in the order in which their findings are told.
pub const CHECKS: &[Check] = &[
    no_telemetry::CHECK,
    canaries::CHECK,
    never::CHECK,
    foreign::CHECK,
    exchanges::CHECK,
    facts::CHECK,
    conventions::CHECK,
    error_types::CHECK,
    resource::CHECK,
    metrics::CHECK,
    metric_values::CHECK,
    metric_labels::CHECK,
    exemplars::CHECK,
    relations::CHECK,
    logs::CHECK,
];

/// Runs every check of [`CHECKS`] over `capture` and gives the verdict.
#[must_use]
pub fn judge(capture: &Capture, contract: &Contract) -> Outcome {
    let index = Index::new(capture);
    let mut findings = Vec::new();
    let mut tallies = Vec::new();
    for check in CHECKS.iter().filter(|check| (check.wanted)(capture, contract)) {
        let before = findings.len();
        let examined = (check.run)(&index, contract, &mut findings);
        for finding in &mut findings[before..] {
            finding.check = check.name;
        }
        tallies.push(Tally {
            check: check.name,
            about: check.about,
            examined,
            unit: check.unit,
            violations: findings.len() - before,
        });
    }
    secrets::redact_all(&capture.run, &mut findings);
    let (findings, waived) = crate::finding::apply(&contract.waivers, findings);
    Outcome::new(findings, waived, tallies)
}

/// Whether the contract, or a pack it names, says anything of metrics.
fn asks_of_metrics(_: &Capture, contract: &Contract) -> bool {
    !contract.metrics.is_empty() || contract.conventions.iter().any(|pack| *pack != Pack::Resource)
}
