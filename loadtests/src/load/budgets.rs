//! Whether the service is fast enough.

use otelgate_harness::config::LoadBudgets;
use serde::{Deserialize, Serialize};

use super::report::PhaseReport;

/// A budget, and what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// What it is of.
    pub name: String,
    /// The setting it comes from.
    pub setting: String,
    /// The most there may be.
    pub limit: f64,
    /// What there is; `None` if nothing was measured, which does not hold a budget.
    pub measured: Option<f64>,
    /// The unit of both.
    pub unit: String,
    /// Whether it is below the limit.
    pub held: bool,
}

impl Budget {
    fn new((name, setting): (String, &str), limit: f64, measured: Option<f64>, unit: &str) -> Self {
        let held = measured.is_some_and(|measured| measured < limit);
        Self { name, setting: format!("load.budgets.{setting}"), limit, measured, unit: unit.to_owned(), held }
    }
}

/// Judges phases by budgets.
#[must_use]
pub fn budgets(limits: &LoadBudgets, phases: &[PhaseReport]) -> Vec<Budget> {
    let mut budgets: Vec<Budget> = phases
        .iter()
        .map(|phase| {
            let (setting, limit) = match phase.sampling {
                None => ("p95-without-ms", limits.p95_without_ms),
                Some(share) if share >= 1.0 => ("p95-all-ms", limits.p95_all_ms),
                Some(_) => ("p95-share-ms", limits.p95_share_ms),
            };
            Budget::new((format!("p95, {}", phase.name), setting), limit, phase.all.p95_ms, "ms")
        })
        .collect();
    let without = phases.iter().find(|phase| phase.sampling.is_none());
    let all = phases.iter().find(|phase| phase.sampling.is_some_and(|share| share >= 1.0));
    if let (Some(without), Some(all)) = (without, all) {
        let name = "added to the p95 of the kind it adds most to".to_owned();
        budgets.push(Budget::new((name, "added-ms"), limits.added_ms, most_added(without, all), "ms"));
    }
    if let Some(limit) = limits.declared_loss_percent {
        let lost = phases.iter().filter_map(|phase| Some((phase, loss_percent(phase)?)));
        budgets.extend(lost.map(|(phase, percent)| Budget {
            // 0 % of loss holds a limit of 0.
            held: percent <= limit,
            ..Budget::new(
                (format!("spans dropped, {}", phase.name), "declared-loss-percent"),
                limit,
                Some(percent),
                "%",
            )
        }));
    }
    budgets
}

/// The largest difference of the 95th percentiles of a kind, in milliseconds; `None` if no kind was measured in both.
fn most_added(without: &PhaseReport, with: &PhaseReport) -> Option<f64> {
    let added = with.kinds.iter().filter_map(|kind| {
        let same = without.kinds.iter().find(|other| other.name == kind.name)?;
        Some(kind.times.p95_ms? - same.times.p95_ms?)
    });
    added.max_by(f64::total_cmp)
}

#[expect(clippy::cast_precision_loss, reason = "counts of spans")]
fn loss_percent(phase: &PhaseReport) -> Option<f64> {
    let sdk = phase.counted.sdk.as_ref().filter(|sdk| sdk.made() > 0)?;
    Some(100.0 * sdk.declared() as f64 / sdk.made() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::report::{KindReport, Times};
    use super::*;
    use crate::conservation::{Counted, Judgement, Requests, Sdk};

    fn phase(name: &str, sampling: Option<f64>, p95_ms: Option<f64>) -> PhaseReport {
        let times = Times { count: 100, p95_ms, ..Times::default() };
        let (requests, errors) = (Requests::default(), std::collections::BTreeMap::new());
        PhaseReport {
            name: name.to_owned(),
            sampling,
            seconds: 1.0,
            kinds: vec![KindReport { name: "cold".to_owned(), requests, errors, rate: 100.0, times }],
            all: times,
            counted: Counted::default(),
            judgement: Judgement::default(),
        }
    }

    fn held(phases: &[PhaseReport]) -> Vec<(String, bool)> {
        let budgets = budgets(&LoadBudgets::default(), phases);
        budgets.into_iter().map(|budget| (budget.setting.replace("load.budgets.", ""), budget.held)).collect()
    }

    fn said(said: &[(&str, bool)]) -> Vec<(String, bool)> {
        said.iter().map(|(setting, held)| ((*setting).to_owned(), *held)).collect()
    }

    #[test]
    fn each_phase_is_judged_by_its_own_budget_and_both_by_their_difference() {
        let phases = [
            phase("off", None, Some(99.0)),
            phase("all", Some(1.0), Some(149.0)),
            phase("0.1", Some(0.1), Some(119.0)),
        ];

        let wanted = [("p95-without-ms", true), ("p95-all-ms", true), ("p95-share-ms", true), ("added-ms", true)];
        assert_eq!(held(&phases), said(&wanted));
    }

    #[test]
    fn what_reaches_its_budget_breaks_it() {
        let phases = [
            phase("off", None, Some(100.0)),
            phase("all", Some(1.0), Some(600.0)),
            phase("0.1", Some(0.1), Some(120.0)),
        ];

        let wanted = [("p95-without-ms", false), ("p95-all-ms", false), ("p95-share-ms", false), ("added-ms", false)];
        assert_eq!(held(&phases), said(&wanted));
    }

    #[test]
    fn what_was_not_measured_holds_no_budget() {
        assert_eq!(held(&[phase("all", Some(1.0), None)]), said(&[("p95-all-ms", false)]));
    }

    #[test]
    fn loss_is_limited_only_where_that_is_asked_for() {
        let mut phase = phase("all", Some(1.0), Some(1.0));
        phase.counted.sdk = Some(Sdk { handed: 99, queue_full: 1, exported: Some(99), failed: 0 });
        let judged = |limit| {
            let limits = LoadBudgets { declared_loss_percent: limit, ..LoadBudgets::default() };
            budgets(&limits, std::slice::from_ref(&phase)).iter().map(|budget| budget.held).collect::<Vec<_>>()
        };

        assert_eq!(judged(None), [true]);
        assert_eq!(judged(Some(1.0)), [true, true]);
        assert_eq!(judged(Some(0.5)), [true, false]);
    }
}
