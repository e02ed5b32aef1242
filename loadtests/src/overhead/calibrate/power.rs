//! Costs that were added, and how often they are seen.

use serde::{Deserialize, Serialize};

use super::Pair;
use super::resample::{Resampler, ratios};
use crate::overhead::outcome::Effect;
use crate::overhead::record::Launch;
use crate::stats::{Rate, Sample, student};

/// An arm that costs more than another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerRow {
    /// Which.
    pub pair: Pair,
    /// Launches that have both.
    pub launches: usize,
    /// What the arm costs more, over all launches of the ledger.
    pub effect: Effect,
    /// Standard deviation of the log-ratio over launches.
    pub sd: f64,
    /// A single look after so many launches.
    pub at: Vec<PowerAt>,
    /// How often it is seen at any look of the plan.
    pub any_look: Rate,
}

/// How often a difference is seen after so many launches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerAt {
    /// After how many launches.
    pub launches: u32,
    /// How often the interval is above 0.
    pub dearer: Rate,
    /// How often it is below 0.
    pub cheaper: Rate,
}

impl PowerRow {
    pub(super) fn new(resampler: &Resampler<'_>, launches: &[&Launch], pair: &Pair) -> Option<Self> {
        let plan = resampler.plan;
        let measured = ratios(launches, pair);
        let sample = Sample::of(&measured).ok()?;
        let at = |look: u32| {
            let seen = |run: &[f64], side: fn(&student::Interval) -> bool| {
                plan.intervals(run).any(|(launches, interval)| launches == look && side(&interval))
            };
            Some(PowerAt {
                launches: look,
                dearer: resampler.rate(&measured, |run| seen(run, |interval| interval.lower > 0.0))?,
                cheaper: resampler.rate(&measured, |run| seen(run, |interval| interval.upper < 0.0))?,
            })
        };
        Some(Self {
            pair: pair.clone(),
            launches: measured.len(),
            effect: student::interval(&sample, plan.level())?.into(),
            sd: sample.sd(),
            at: plan.looks().filter_map(at).collect(),
            any_look: resampler.rate(&measured, |run| plan.intervals(run).any(|(_, interval)| interval.lower > 0.0))?,
        })
    }
}
