//! A calibration as a whole.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::resample::Resampler;
use super::{AaRow, ConfusionRow, PowerRow};
use crate::overhead::outcome::Protocol;
use crate::overhead::plan::{Plan, PlanError};
use crate::overhead::record::Launch;
use crate::overhead::verdict::Arms;

/// What a calibration depends on, beside ledger and protocol.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Runs to resample for each rate; 10,000 take some seconds in a release build.
    pub runs: u32,
    /// Of the draws: the same seed gives the same rates.
    pub seed: u64,
    /// Which true costs the confusion table has, as fractions.
    pub costs: Vec<f64>,
    /// Which arms the power curve compares; `None` for every arm but `on`, `off` and repetitions (`... again`) with `on`.
    pub pairs: Option<Vec<Pair>>,
}

impl Default for Settings {
    fn default() -> Self {
        let costs = [0.0, 1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.5, 6.0, 7.0, 8.0].map(|percent| percent / 100.0).to_vec();
        Self { runs: 10_000, seed: 1, costs, pairs: None }
    }
}

/// Two arms.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair {
    /// The one that is judged.
    pub arm: String,
    /// What it is compared with.
    pub baseline: String,
}

/// What a ledger says of the gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The plan's budget, as a fraction.
    pub budget: f64,
    /// After how many launches it looks.
    pub looks: Vec<u32>,
    /// One-sided level of each look.
    pub level: f64,
    /// Whether a FAIL has to be confirmed.
    pub confirm: bool,
    /// Runs resampled for each rate.
    pub runs: u32,
    /// Seed of the draws.
    pub seed: u64,
    /// Valid launches of the ledger.
    pub launches: usize,
    /// Launches left out because they are invalid.
    pub invalid: usize,
    /// Into how many runs of full length the launches could be cut.
    pub disjoint_runs: usize,
    /// How long a launch takes, starting and stopping included, in seconds: the median.
    pub seconds_per_launch: f64,
    /// Identical arms.
    pub identical: Vec<AaRow>,
    /// True cost and verdict; the noise is that of the main arm.
    pub confusion: Vec<ConfusionRow>,
    /// Costs that were added.
    pub power: Vec<PowerRow>,
    /// What could not be calibrated, and why.
    pub missing: Vec<String>,
}

/// Why there is no calibration.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CalibrateError {
    /// The protocol makes no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The ledger is too short.
    #[error(
        "the ledger has {found} valid launches with `{main}`, `{baseline}` and `{same}`, but a single run takes up to {needed}: run \
         the experiment until it has more; a rate worth publishing needs 300"
    )]
    TooFew {
        /// Valid launches it has.
        found: usize,
        /// How many a run takes.
        needed: u32,
        /// The main arm.
        main: String,
        /// The baseline.
        baseline: String,
        /// The same as the baseline.
        same: String,
    },
    /// Nothing was asked for.
    #[error("0 runs give no rate: give at least one, better 10,000")]
    NoRuns,
}

/// Resamples runs from a ledger.
pub fn calibrate(
    ledger: &[Launch],
    protocol: &Protocol,
    arms: &Arms,
    settings: &Settings,
) -> Result<Calibration, CalibrateError> {
    let plan = Plan::new(protocol)?;
    if settings.runs == 0 {
        return Err(CalibrateError::NoRuns);
    }
    let valid: Vec<&Launch> = ledger.iter().filter(|launch| launch.invalid.is_empty()).collect();
    let resampler = Resampler { plan: &plan, runs: settings.runs, seed: settings.seed };
    let needed = usize::try_from(plan.longest()).unwrap_or(usize::MAX);
    let complete =
        |launch: &&&Launch| [&arms.main, &arms.same].iter().all(|arm| launch.log_ratio(arm, &arms.baseline).is_some());
    let found = valid.iter().filter(complete).count();
    if found < needed {
        let Arms { main, baseline, same } = arms.clone();
        return Err(CalibrateError::TooFew { found, needed: plan.longest(), main, baseline, same });
    }
    let seconds_per_launch = seconds(&valid);
    let mut missing = Vec::new();
    let mut enough = |pair: &Pair| {
        let found = valid.iter().filter(|launch| launch.log_ratio(&pair.arm, &pair.baseline).is_some()).count();
        if found < needed {
            let Pair { arm, baseline } = pair;
            missing
                .push(format!("`{arm}` against `{baseline}`: {found} launches have both, a run takes up to {needed}"));
        }
        found >= needed
    };
    let identical: Vec<_> = identical(&valid).into_iter().filter(&mut enough).collect();
    let pairs = settings.pairs.clone().unwrap_or_else(|| added(&valid, arms));
    let pairs: Vec<_> = pairs.into_iter().filter(&mut enough).collect();
    Ok(Calibration {
        budget: plan.budget(),
        looks: plan.looks().collect(),
        level: plan.level(),
        confirm: plan.confirm(),
        runs: settings.runs,
        seed: settings.seed,
        launches: valid.len(),
        invalid: ledger.len() - valid.len(),
        disjoint_runs: valid.len() / needed.max(1),
        seconds_per_launch,
        identical: identical.iter().flat_map(|pair| AaRow::both_ways(&resampler, &valid, pair)).collect(),
        confusion: ConfusionRow::all(&resampler, &valid, arms, &settings.costs, seconds_per_launch),
        power: pairs.iter().filter_map(|pair| PowerRow::new(&resampler, &valid, pair)).collect(),
        missing,
    })
}

fn names<'a>(launches: &[&'a Launch]) -> BTreeSet<&'a str> {
    launches.iter().flat_map(|launch| &launch.arms).map(|record| record.arm.as_str()).collect()
}

/// Every arm that is a repetition of another: "off again" of "off".
fn identical(launches: &[&Launch]) -> Vec<Pair> {
    let names = names(launches);
    let first = |arm: &str| arm.strip_suffix(" again").filter(|first| names.contains(first)).map(str::to_owned);
    names.iter().filter_map(|arm| Some(Pair { arm: (*arm).to_owned(), baseline: first(arm)? })).collect()
}

/// Every arm that is none of the three and no repetition.
fn added(launches: &[&Launch], arms: &Arms) -> Vec<Pair> {
    let other = |arm: &&str| ![&arms.main, &arms.baseline, &arms.same].iter().any(|known| known == arm);
    let names = names(launches).into_iter().filter(other).filter(|arm| !arm.ends_with(" again"));
    names.map(|arm| Pair { arm: arm.to_owned(), baseline: arms.main.clone() }).collect()
}

/// The median time from the beginning of a launch to that of the next in its run, or the time requests were measured
/// where no two launches are of one run.
fn seconds(launches: &[&Launch]) -> f64 {
    let next = |pair: &[&Launch]| {
        let follows = pair[0].run == pair[1].run && pair[0].number.checked_add(1) == Some(pair[1].number);
        follows.then(|| pair[1].began_unix_ms.checked_sub(pair[0].began_unix_ms)).flatten()
    };
    let mut times: Vec<u64> = launches.windows(2).filter_map(next).collect();
    if times.is_empty() {
        times = launches.iter().map(|launch| launch.measured_ms).collect();
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or(0);
    std::time::Duration::from_millis(median).as_secs_f64()
}
