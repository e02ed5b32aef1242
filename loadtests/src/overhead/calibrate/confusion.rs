//! True cost and verdict.

use serde::{Deserialize, Serialize};

use super::resample::{Observation, Resampler};
use crate::overhead::effect::mean;
use crate::overhead::outcome::OverheadVerdict;
use crate::overhead::record::Launch;
use crate::overhead::verdict::Arms;
use crate::stats::Rate;

/// The verdicts on a cost that is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfusionRow {
    /// The true cost, as a fraction.
    pub cost: f64,
    /// How often PASS.
    pub pass: Rate,
    /// How often FAIL.
    pub fail: Rate,
    /// How often INCONCLUSIVE.
    pub inconclusive: Rate,
    /// How often INVALID, by the A/A guard.
    pub invalid: Rate,
    /// Launches until the verdict, on average, a confirmation included.
    pub launches: f64,
    /// Seconds they take.
    pub seconds: f64,
}

impl ConfusionRow {
    pub(super) fn all(
        resampler: &Resampler<'_>,
        launches: &[&Launch],
        arms: &Arms,
        costs: &[f64],
        seconds_per_launch: f64,
    ) -> Vec<Self> {
        let observation =
            |launch: &&Launch| Some((arms.log_ratio(launch, &arms.main)?, arms.log_ratio(launch, &arms.same)?));
        let measured: Vec<Observation> = launches.iter().filter_map(observation).collect();
        let middle = mean(measured.iter().map(|(cost, _)| *cost));
        let row = |&cost: &f64| {
            let shift = cost.ln_1p() - middle;
            let shifted: Vec<Observation> = measured.iter().map(|(cost, same)| (cost + shift, *same)).collect();
            Self::new(resampler, &shifted, cost, seconds_per_launch)
        };
        costs.iter().filter_map(row).collect()
    }

    fn new(resampler: &Resampler<'_>, from: &[Observation], cost: f64, seconds_per_launch: f64) -> Option<Self> {
        let (mut pass, mut fail, mut inconclusive, mut invalid, mut launches) = (0, 0, 0, 0, 0_u64);
        resampler.verdicts(from, resampler.plan.confirm(), |verdict, took| {
            launches += u64::from(took);
            match verdict {
                OverheadVerdict::Pass => pass += 1,
                OverheadVerdict::Fail => fail += 1,
                OverheadVerdict::Inconclusive => inconclusive += 1,
                OverheadVerdict::Invalid => invalid += 1,
            }
        });
        let rate = |hits| Rate::new(hits, resampler.runs);
        let launches = crate::overhead::effect::ratio(launches, resampler.runs.into(), 0.0);
        Some(Self {
            cost,
            pass: rate(pass)?,
            fail: rate(fail)?,
            inconclusive: rate(inconclusive)?,
            invalid: rate(invalid)?,
            launches,
            seconds: launches * seconds_per_launch,
        })
    }
}
