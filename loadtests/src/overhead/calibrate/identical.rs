//! Arms that are the same: every alarm is a false one.

use serde::{Deserialize, Serialize};

use super::Pair;
use super::resample::{Resampler, centred, ratios};
use crate::overhead::record::Launch;
use crate::stats::{Rate, Sample};

/// Two identical arms, one of which is called the dearer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AaRow {
    /// Which.
    pub pair: Pair,
    /// Launches that have both.
    pub launches: usize,
    /// By how much they differ on average, as a fraction: 0 is what it should be.
    pub mean: f64,
    /// Standard deviation of the log-ratio over launches.
    pub sd: f64,
    /// How often the pair as measured FAILs the budget in a single run, before any confirmation.
    pub fails: Rate,
    /// The same with a confirmation, if the plan has one.
    pub fails_confirmed: Rate,
    /// How often the interval excludes 0, which is the truth, at any look.
    pub excludes_zero: Rate,
    /// The same with the mean difference taken out: what the statistics alone do.
    pub excludes_zero_centred: Rate,
    /// How often the A/A guard calls the run INVALID.
    pub guarded: Rate,
    /// How often a single run FAILs if the noise is shifted so that the truth is the budget exactly: the most a true cost may
    /// be without an alarm being right.
    pub fails_at_budget: Rate,
    /// The same with a confirmation, if the plan has one.
    pub fails_at_budget_confirmed: Rate,
}

impl AaRow {
    /// The pair, and with its labels swapped.
    pub(super) fn both_ways(resampler: &Resampler<'_>, launches: &[&Launch], pair: &Pair) -> Vec<Self> {
        let swapped = Pair { arm: pair.baseline.clone(), baseline: pair.arm.clone() };
        [pair.clone(), swapped].into_iter().filter_map(|pair| Self::new(resampler, launches, pair)).collect()
    }

    fn new(resampler: &Resampler<'_>, launches: &[&Launch], pair: Pair) -> Option<Self> {
        let plan = resampler.plan;
        let measured = ratios(launches, &pair);
        let sample = Sample::of(&measured).ok()?;
        let at_budget = centred(&measured, plan.limit());
        let excludes_zero = |run: &[f64]| plan.intervals(run).any(|(_, interval)| !interval.contains(0.0));
        Some(Self {
            pair,
            launches: measured.len(),
            mean: sample.mean().exp_m1(),
            sd: sample.sd(),
            fails: resampler.fails(&measured, false)?,
            fails_confirmed: resampler.fails(&measured, plan.confirm())?,
            excludes_zero: resampler.rate(&measured, excludes_zero)?,
            excludes_zero_centred: resampler.rate(&centred(&measured, 0.0), excludes_zero)?,
            guarded: resampler.rate(&measured, |run| plan.guards(run).any(|interval| !interval.contains(0.0)))?,
            fails_at_budget: resampler.fails(&at_budget, false)?,
            fails_at_budget_confirmed: resampler.fails(&at_budget, plan.confirm())?,
        })
    }
}
