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

mod alert_trial;
mod arrange;
mod arrived;
mod at;
mod canaries;
mod conventions;
mod dashboards;
mod dropped;
mod error_types;
mod exchanges;
mod exemplars;
mod facts;
mod foreign;
mod index;
mod judge;
mod label;
mod log_channels;
mod logs;
mod metric_labels;
mod metric_shape;
mod metric_values;
mod metrics;
mod names;
mod never;
mod no_telemetry;
mod parallel;
mod propagation;
mod record;
mod refusals;
mod relations;
mod resource;
mod scenarios;
mod secrets;
mod series;
mod strings;
mod structure;
mod subject;
mod survey;
mod terms;
pub(crate) mod text;
mod timing;
mod trace_presence;
mod tree;

pub use arrived::{LOSSES, Loss, Stores};
pub use index::{Index, Parent, Trace};
pub(crate) use judge::{fold, rank};
pub use judge::{judge, judge_by};
pub(crate) use secrets::Secrets;

use crate::capture::Capture;
use crate::contract::Contract;
use crate::finding::Finding;

/// A check.
pub struct Check {
    /// Its name: that of its file.
    pub name: &'static str,
    /// What holds if it is content, in at most 56 characters: reports print it in one line.
    pub about: &'static str,
    /// What it counts: `spans`, `traces`, `series`.
    pub unit: &'static str,
    /// Whether the contract, or what was planted in the run, asks for it. A check that is asked for and examines
    /// nothing is a violation; one that is not asked for still runs and judges what there is.
    pub wanted: fn(&Capture, &Contract) -> bool,
    /// Looks at the capture, adds what it found, and returns how many things it examined.
    pub run: fn(&Index<'_>, &Contract, &mut Vec<Finding>) -> u64,
}

/// All checks, in the order in which their findings are told.
pub const CHECKS: &[Check] = &[
    no_telemetry::CHECK,
    refusals::CHECK,
    canaries::CHECK,
    never::CHECK,
    foreign::CHECK,
    exchanges::CHECK,
    facts::CHECK,
    scenarios::CHECK,
    trace_presence::CHECK,
    structure::CHECK,
    tree::CHECK,
    timing::CHECK,
    names::CHECK,
    dropped::CHECK,
    propagation::CHECK,
    conventions::CHECK,
    error_types::CHECK,
    resource::CHECK,
    metrics::CHECK,
    metric_values::CHECK,
    metric_labels::CHECK,
    exemplars::CHECK,
    relations::CHECK,
    logs::CHECK,
    alert_trial::CHECK,
    arrived::SPANS,
    arrived::TARGET,
    arrived::CLOCK,
    arrived::METRICS,
    arrived::SERIES,
    arrived::SAMPLES,
    dashboards::CHECK,
    dashboards::ANSWERS,
];

/// The checks of a trial of alerts: `otelgate alerts`.
pub const OF_ALERTS: &[Check] = &[alert_trial::CHECK];

/// Whether the contract promises any metric. The packs judge the metrics there are, and promise none: a service may
/// have traces alone.
fn asks_of_metrics(_: &Capture, contract: &Contract) -> bool {
    !contract.metrics.is_empty()
}

/// Whether the contract promises any span.
fn promises_spans(_: &Capture, contract: &Contract) -> bool {
    !contract.spans.is_empty() || !contract.traces.is_empty()
}
