//! Rules of the metric store, and their state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Rules that are evaluated together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredRuleGroup {
    /// Its name.
    pub name: String,
    /// The file it was read from, as the store names it.
    pub file: String,
    /// Time between two evaluations, in nanoseconds.
    pub interval: u64,
    /// Its rules, in order.
    pub rules: Vec<StoredRule>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredRule {
    /// Name of the alert, or of the metric recorded.
    pub name: String,
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its expression.
    pub query: String,
    /// `ok`, `err`, `unknown`: whether the last evaluation succeeded.
    pub health: String,
    /// Why the last evaluation failed; empty if it did not.
    #[serde(default)]
    pub last_error: String,
    /// `inactive`, `pending`, `firing`; empty for recording rules.
    #[serde(default)]
    pub state: String,
    /// How long its condition must hold before it fires, in nanoseconds.
    #[serde(default)]
    pub hold: u64,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its annotations, unexpanded.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Its alerts that are pending or firing.
    #[serde(default)]
    pub alerts: Vec<StoredAlert>,
    /// When it was last evaluated, in nanoseconds since the Unix epoch; 0 if never.
    #[serde(default)]
    pub last_evaluation: u64,
}

/// One alert of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredAlert {
    /// Its labels, `alertname` among them.
    pub labels: BTreeMap<String, String>,
    /// Its annotations, expanded.
    pub annotations: BTreeMap<String, String>,
    /// `pending` or `firing`.
    pub state: String,
    /// Since when, in nanoseconds since the Unix epoch.
    pub active_at: u64,
    /// The value of its expression, as text.
    pub value: String,
}
