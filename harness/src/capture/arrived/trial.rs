//! What came of putting alerts to the trial.

use serde::{Deserialize, Serialize};

/// The trial of all alerts. Times are milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Trial {
    /// By how much the windows of the rules were divided.
    pub windows_divided_by: u32,
    /// Rules the metric store could not evaluate.
    #[serde(default)]
    pub broken: Vec<BrokenRule>,
    /// How long healthy questions were asked.
    pub healthy_for: u64,
    /// Alerts that fired meanwhile.
    #[serde(default)]
    pub healthy_fired: Vec<Fired>,
    /// One entry an alert that was to fire, in order.
    pub proofs: Vec<Proven>,
    /// Alerts that no proof is for.
    #[serde(default)]
    pub unproven: Vec<String>,
}

/// A rule that cannot be evaluated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BrokenRule {
    /// Its name.
    pub name: String,
    /// What the store says.
    pub error: String,
}

/// An alert that fired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fired {
    /// Its name.
    pub alert: String,
    /// The value of its expression, as text.
    pub value: String,
    /// Its summary, expanded.
    #[serde(default)]
    pub summary: String,
}

/// What came of one proof.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Proven {
    /// The alert that was to fire.
    pub alert: String,
    /// What was done to make it.
    pub induced: String,
    /// Its expression, windows shortened; empty if there is no such alert.
    pub query: String,
    /// How long it was given.
    pub within: u64,
    /// When it fired; `None` if it did not.
    pub fired_after: Option<u64>,
    /// Its state at the end: `inactive`, `pending`, `firing`; empty if there is no such alert.
    pub state: String,
    /// What the left side of its outermost comparison was at the end, if it did not fire.
    #[serde(default)]
    pub value: Option<String>,
    /// It fired before its fault was induced, and would not stop.
    #[serde(default)]
    pub stuck: bool,
    /// Other alerts that fired meanwhile and are not said to.
    #[serde(default)]
    pub others: Vec<Fired>,
}
