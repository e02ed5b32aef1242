//! What came of a load.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::budgets::Budget;
use super::ledger::{self, Notes};
use super::paired::Harm;
use crate::conservation::{Counted, Judgement, Requests, Violation};
use crate::workload::Workload;

/// What came of a load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadReport {
    /// What was driven: a stack of ours, or a URL.
    pub target: String,
    /// Whether only the driver's view is known: a service at a URL keeps its telemetry to itself.
    pub driver_only: bool,
    /// How many users there were.
    pub users: usize,
    /// The phases, in order.
    pub phases: Vec<PhaseReport>,
    /// Budgets, held or not.
    pub budgets: Vec<Budget>,
    /// The trials, in order.
    pub trials: Vec<TrialReport>,
    /// The signal that ended it early, if one did. What is here was measured until then.
    pub interrupted: Option<String>,
    /// What it comes to.
    pub verdict: LoadVerdict,
}

/// What a load comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum LoadVerdict {
    /// Everything holds.
    Pass,
    /// Something does not.
    #[default]
    Fail,
    /// Nothing is broken, but whether requests were slower in a trial cannot be said.
    Inconclusive,
}

/// One launch of the service, without telemetry or with a share of its traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhaseReport {
    /// Its name.
    pub name: String,
    /// The share of traces that is kept; `None` without telemetry.
    pub sampling: Option<f64>,
    /// How long it was driven, in seconds.
    pub seconds: f64,
    /// The kinds of requests.
    pub kinds: Vec<KindReport>,
    /// All of them together.
    pub all: Times,
    /// What was counted.
    pub counted: Counted,
    /// What does not add up, and what is worth knowing.
    pub judgement: Judgement,
}

/// Requests of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindReport {
    /// Workload and kind.
    pub name: String,
    /// The driver's count.
    pub requests: Requests,
    /// How often which error was.
    pub errors: BTreeMap<String, u64>,
    /// Answers a second.
    pub rate: f64,
    /// Their times.
    pub times: Times,
}

/// Times to the last byte of an answer, in milliseconds; `None` where nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// How many.
    pub count: u64,
    /// Median.
    pub p50_ms: Option<f64>,
    /// 95th percentile.
    pub p95_ms: Option<f64>,
    /// 99th percentile.
    pub p99_ms: Option<f64>,
    /// The slowest.
    pub max_ms: Option<f64>,
}

/// What came of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialReport {
    /// Its name.
    pub name: String,
    /// How much slower requests were; `None` if that was not to be measured.
    pub harm: Option<Harm>,
    /// The most memory before the first fault, in bytes; `None` if it is not known.
    pub memory_before: Option<u64>,
    /// The most from then on.
    pub memory_after: Option<u64>,
    /// How long the service took to stop while the fault was there, in seconds; `None` if it had to be killed.
    pub stopped_seconds: Option<f64>,
    /// Traces that arrived of requests sent when all was well again, and how many there had to be.
    pub recovered: Option<(u64, u64)>,
    /// What was counted.
    pub counted: Counted,
    /// What does not hold, and what is worth knowing.
    pub judgement: Judgement,
}

impl LoadReport {
    /// Everything that does not hold, with the phase or trial it belongs to.
    pub fn violations(&self) -> impl Iterator<Item = (&str, &Violation)> {
        let phases = self.phases.iter().map(|phase| (phase.name.as_str(), &phase.judgement));
        let trials = self.trials.iter().map(|trial| (trial.name.as_str(), &trial.judgement));
        phases.chain(trials).flat_map(|(name, judgement)| judgement.violations.iter().map(move |found| (name, found)))
    }

    /// Says what it comes to.
    pub fn conclude(&mut self) {
        let broken = self.violations().next().is_some() || self.budgets.iter().any(|budget| !budget.held);
        let open = self.trials.iter().any(|trial| trial.harm == Some(Harm::Unknown));
        let open = open || self.trials.iter().any(|trial| matches!(trial.harm, Some(Harm::Undecided(_))));
        self.verdict = match (broken, open) {
            (true, _) => LoadVerdict::Fail,
            (false, true) => LoadVerdict::Inconclusive,
            (false, false) => LoadVerdict::Pass,
        };
    }
}

impl PhaseReport {
    pub(super) fn new(
        (name, sampling): (&str, Option<f64>),
        workloads: &[Workload],
        notes: &Notes,
        took: Duration,
        counted: Counted,
        judgement: Judgement,
    ) -> Self {
        let seconds = took.as_secs_f64();
        let of_workload = workloads.iter().zip(&notes.kinds);
        let kinds = of_workload.flat_map(|(workload, kinds)| {
            workload.kinds.iter().zip(kinds).map(move |(kind, noted)| KindReport {
                name: format!("{}: {}", workload.name, kind.name),
                requests: noted.requests,
                errors: noted.errors.clone(),
                rate: rate(noted.times.count(), seconds),
                times: (&noted.times).into(),
            })
        });
        let kinds = kinds.filter(|kind| kind.requests.sent > 0).collect();
        Self { name: name.to_owned(), sampling, seconds, kinds, all: (&notes.times()).into(), counted, judgement }
    }
}

fn rate(count: u64, seconds: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let count = count as f64;
    if seconds > 0.0 { count / seconds } else { 0.0 }
}

impl From<&ledger::Times> for Times {
    fn from(times: &ledger::Times) -> Self {
        let [p50_ms, p95_ms, p99_ms, max_ms] = [0.5, 0.95, 0.99, 1.0].map(|quantile| times.quantile_ms(quantile));
        Self { count: times.count(), p50_ms, p95_ms, p99_ms, max_ms }
    }
}

#[cfg(test)]
mod tests {
    use super::super::paired::Interval;
    use super::*;

    fn trial(harm: Option<Harm>, violations: Vec<Violation>) -> TrialReport {
        TrialReport {
            name: "down".to_owned(),
            harm,
            memory_before: None,
            memory_after: None,
            stopped_seconds: Some(0.1),
            recovered: None,
            counted: Counted::default(),
            judgement: Judgement { violations, notes: Vec::new() },
        }
    }

    fn verdict(trials: Vec<TrialReport>) -> LoadVerdict {
        let mut report = LoadReport { trials, ..LoadReport::default() };
        report.conclude();
        report.verdict
    }

    #[test]
    fn what_is_broken_fails_and_what_is_open_is_no_pass() {
        let interval = Interval { ratio: 1.0, lower: 0.5, upper: 2.0, pairs: 6 };
        let broken = || vec![Violation::new("load.memory", "it grew")];

        assert_eq!(verdict(vec![trial(Some(Harm::Unharmed(interval)), Vec::new())]), LoadVerdict::Pass);
        assert_eq!(verdict(vec![trial(Some(Harm::Undecided(interval)), Vec::new())]), LoadVerdict::Inconclusive);
        assert_eq!(verdict(vec![trial(Some(Harm::Unknown), Vec::new())]), LoadVerdict::Inconclusive);
        assert_eq!(verdict(vec![trial(Some(Harm::Undecided(interval)), broken())]), LoadVerdict::Fail);
    }

    #[test]
    fn a_budget_that_is_not_held_fails() {
        let budgets = super::super::budgets::budgets(
            &otelgate_harness::config::LoadBudgets::default(),
            &[PhaseReport {
                name: "all".to_owned(),
                sampling: Some(1.0),
                seconds: 1.0,
                kinds: Vec::new(),
                all: Times::default(),
                counted: Counted::default(),
                judgement: Judgement::default(),
            }],
        );
        let mut report = LoadReport { budgets, ..LoadReport::default() };

        report.conclude();

        assert_eq!(report.verdict, LoadVerdict::Fail);
    }
}
