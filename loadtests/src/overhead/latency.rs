//! Latency at a fixed rate of arrival, with telemetry against without.
//!
//! Rounds, each with all arms started afresh and driven side by side in an open loop; a latency counts from when its
//! request was due. A round gives one ratio of each quantile; the interval is Student's t over rounds.

use std::collections::BTreeMap;
use std::time::Duration;

use hdrhistogram::Histogram;
use otelgate_harness::scenario::Given;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::launch_validity;
use super::outcome::{Effect, LatencyArm, LatencyOutcome, LatencyRatio, Protocol};
use super::record::{Invalid, Latencies};
use super::up::{Bench, LaunchError};
use crate::duet::{Duet, Pace, Stop};
use crate::stats::student::{self, Interval};
use crate::stats::{Sample, Unmeasured};
use crate::workload::{Seed, TraceIds};

/// The quantiles that are compared.
const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];
/// One-sided level of the interval of each: 98 % between both ends.
const LEVEL: f64 = 0.01;
/// Part of what the arms can do together that is asked of them.
const LOAD: f64 = 0.5;
/// How long the closed loop runs that finds out how much that is, and warms the arms up.
const FINDS_OUT: Duration = Duration::from_millis(1_500);
/// Histograms keep three digits: so far may a ratio of two quantiles be off.
const RESOLUTION: f64 = 0.001;

/// How latency is measured.
#[derive(Clone, Debug)]
pub struct LatencyPlan {
    /// What it is called: "no model delay".
    pub name: String,
    /// Delays of the stand-ins, as a scenario's `given`.
    pub given: Given,
    /// How many rounds; at least 2 for an interval.
    pub rounds: u32,
    /// How long each is.
    pub length: Duration,
    /// Requests a second to each arm; half of what they can do if absent.
    pub rate: Option<f64>,
}

/// What was measured, and what makes it prove nothing.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The latencies.
    pub outcome: LatencyOutcome,
    /// Why they say nothing, if they do not.
    pub invalid: Vec<Invalid>,
}

impl Bench<'_> {
    /// Measures the latency of all arms.
    ///
    /// # Errors
    /// If an arm cannot be started, or does not get ready.
    pub async fn latency(&self, plan: &LatencyPlan, stop: &Stop) -> Result<Measured, LaunchError> {
        let mut dice = SmallRng::seed_from_u64(self.protocol.seed.rotate_left(17));
        let mut rate = plan.rate;
        let mut invalid: Vec<Invalid> = Vec::new();
        let mut totals: BTreeMap<&str, Histogram<u64>> = BTreeMap::new();
        let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); QUANTILES.len()];
        for _ in 0..plan.rounds {
            let (seed, ids) = (Seed(dice.random()), TraceIds::of(dice.random_range(1..u64::MAX)));
            let mut ups = self.start(ids, seed, &mut dice).await?;
            let closed = Pace::Closed { concurrency: self.protocol.concurrency };
            let urls = ups.iter().map(|up| up.live.url().to_owned()).collect();
            let mut duet =
                Duet { workload: self.workload.clone(), seed, ids, urls, pace: closed, patience: self.patience };
            let found = duet.drive(0, FINDS_OUT, stop).await?;
            for up in &ups {
                up.live.stack().impose(&plan.given).map_err(|message| LaunchError::NotPrepared {
                    arm: up.arm.name.clone(),
                    message: format!("`overhead.delays`: {message}"),
                })?;
            }
            #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
            let rate = *rate.get_or_insert(LOAD * found.next_item as f64 / found.took.as_secs_f64());
            duet.pace = Pace::Open { rate: rate.max(1.0) };
            let length = u64::try_from(plan.length.as_millis()).unwrap_or(u64::MAX);
            let driven = self.drive(&duet, found.next_item, length, &mut ups, stop, false).await?;
            let quantiles = |arm: &str| {
                let at = ups.iter().position(|up| up.arm.name == arm)?;
                Some(&driven.arms[at].latency)
            };
            if let (Some(on), Some(off)) = (quantiles(Protocol::ON), quantiles(Protocol::OFF)) {
                for (ratios, quantile) in ratios.iter_mut().zip(QUANTILES) {
                    ratios.push(ratio(on.value_at_quantile(quantile), off.value_at_quantile(quantile)).ln());
                }
            }
            for (up, done) in ups.iter().zip(&driven.arms) {
                invalid.extend(launch_validity::of_answers(up.arm, done));
                let total = totals.entry(&up.arm.name).or_insert_with(|| {
                    let mut empty = done.latency.clone();
                    empty.reset();
                    empty
                });
                // Both were made with the same bounds.
                let _ = total.add(&done.latency);
            }
            for up in ups {
                let _ = up.live.down().await;
            }
        }
        let arms = self.arms.iter().filter_map(|arm| Some(latency_arm(&arm.name, totals.get(arm.name.as_str())?)));
        let effects = QUANTILES
            .iter()
            .zip(&ratios)
            .filter_map(|(&quantile, ratios)| Some(LatencyRatio { quantile, effect: effect(ratios)? }));
        let outcome = LatencyOutcome {
            name: plan.name.clone(),
            rate: rate.unwrap_or(0.0),
            rounds: plan.rounds,
            arms: arms.collect(),
            ratios: effects.collect(),
        };
        Ok(Measured { outcome, invalid })
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a minute are far below 2^53")]
fn ratio(on: u64, off: u64) -> f64 {
    on.max(1) as f64 / off.max(1) as f64
}

/// The interval of the ratio over rounds, never narrower than what histograms tell apart.
fn effect(log_ratios: &[f64]) -> Option<Effect> {
    let Interval { mean, lower, upper } = match Sample::of(log_ratios) {
        Ok(sample) => student::interval(&sample, LEVEL)?,
        // Quantiles beyond a delay of 400 ms fall into one bucket, round for round.
        Err(Unmeasured::NoSpread { value, .. }) => Interval { mean: value, lower: value, upper: value },
        Err(Unmeasured::TooFew { .. } | Unmeasured::NotFinite { .. }) => return None,
    };
    Some(Interval { mean, lower: lower.min(mean - RESOLUTION), upper: upper.max(mean + RESOLUTION) }.into())
}

fn latency_arm(arm: &str, latency: &Histogram<u64>) -> LatencyArm {
    let curve = latency.iter_quantiles(2).map(|step| (step.quantile_iterated_to(), step.value_iterated_to()));
    LatencyArm { arm: arm.to_owned(), requests: latency.len(), latency: Latencies::of(latency), curve: curve.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_that_agree_to_the_last_digit_are_known_as_well_as_a_histogram_knows_them() {
        let effect = effect(&[0.0; 5]).unwrap();

        assert!(effect.estimate.abs() < 1e-9 && (effect.upper - 0.001).abs() < 1e-5, "{effect:?}");
        assert!((effect.lower + 0.001).abs() < 1e-5, "{effect:?}");
    }

    #[test]
    fn rounds_that_differ_have_the_interval_of_their_spread() {
        let effect = effect(&[0.01, 0.02, 0.03, 0.04]).unwrap();

        // t = 4.541 at 3 degrees of freedom and one-sided 1 %; sd 0.0129.
        assert!((effect.upper.ln_1p() - (0.025 + 4.541 * 0.012_91 / 2.0)).abs() < 1e-4, "{effect:?}");
    }

    #[test]
    fn one_round_has_no_interval() {
        assert_eq!(effect(&[0.01]), None);
        assert_eq!(effect(&[0.01, f64::NAN]), None);
    }
}
