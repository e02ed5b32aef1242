//! `overhead:` of `otelgate.yaml`: what telemetry may cost, and how that is found out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::scenario::Given;

/// What telemetry may cost.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OverheadConfig {
    /// The most that telemetry may add to the CPU time of a request, in percent of the time without; 5 if absent. Above 0,
    /// at most 100.
    #[serde(default = "five")]
    pub budget: f64,
    /// The requests to send: a workload file. Relative to the configuration.
    pub workload: PathBuf,
    /// Variables of the service in every arm, instead of those of `service.env`: what a load needs and a scenario does
    /// not, such as a larger queue.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What the environment of the service is without telemetry: these variables instead of those of `service.env`.
    pub off: BTreeMap<String, String>,
    /// What it is with all of it, in the same way. Without any, it is `service.env` as it stands.
    #[serde(default)]
    pub on: BTreeMap<String, String>,
    /// Further ways to run the service, by name, that are measured when they are asked for.
    #[serde(default)]
    pub arms: BTreeMap<String, BTreeMap<String, String>>,
    /// Delays of the stand-ins as in production, for the latency that users see: faults as in a scenario's `given`. Without
    /// any, latency is measured against instant answers only.
    #[serde(default)]
    pub delays: Given,
    /// Where every launch is written down; `.otelgate/launches.jsonl` if absent. Relative to the configuration.
    #[serde(default = "launches")]
    pub ledger: PathBuf,
    /// What `verify` makes of a quick look at the cost.
    #[serde(default)]
    pub in_verify: InVerify,
}

/// What `verify` makes of a quick look at what telemetry costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InVerify {
    /// It takes none.
    Skip,
    /// It tells what it saw; the verdict does not depend on it.
    #[default]
    Tell,
    /// A cost above the budget fails the run.
    Gate,
}

fn launches() -> PathBuf {
    PathBuf::from(".otelgate/launches.jsonl")
}

fn five() -> f64 {
    5.0
}

impl OverheadConfig {
    /// What is wrong with the budget, if anything is: `budget` is in percent.
    #[must_use]
    pub fn budget_problem(budget: f64) -> Option<String> {
        (!(budget > 0.0 && budget <= 100.0))
            .then(|| format!("a budget of {budget} % cannot be held: give a number above 0 and at most 100, such as 5"))
    }
}
