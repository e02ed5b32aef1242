//! Effects of arms: log-ratios over launches, made into fractions.

use std::collections::BTreeMap;

use super::outcome::{ArmOutcome, Effect};
use super::record::{ArmRecord, Launch};
use super::verdict::Arms;
use crate::stats::student::{self, Interval};
use crate::stats::{Sample, Unmeasured};

impl From<Interval> for Effect {
    fn from(interval: Interval) -> Self {
        let [estimate, lower, upper] = [interval.mean, interval.lower, interval.upper].map(f64::exp_m1);
        Self { estimate, lower, upper }
    }
}

/// The log-ratios of an arm over another, of every launch that has both.
#[must_use]
pub fn log_ratios<'a>(launches: impl IntoIterator<Item = &'a Launch>, arm: &str, baseline: &str) -> Vec<f64> {
    launches.into_iter().filter_map(|launch| launch.log_ratio(arm, baseline)).collect()
}

/// The effect that log-ratios show, each limit wrong with probability `level`.
///
/// # Errors
/// If there are fewer than two, or they do not vary.
pub fn of(log_ratios: &[f64], level: f64) -> Result<Effect, Unmeasured> {
    let sample = Sample::of(log_ratios)?;
    // A level that is none gives limits that say so.
    let everything = Interval { mean: sample.mean(), lower: f64::NEG_INFINITY, upper: f64::INFINITY };
    Ok(student::interval(&sample, level).unwrap_or(everything).into())
}

/// What every arm of these launches cost, the baseline first, then in order of name. The variables of each are for the
/// caller to fill in.
#[must_use]
pub fn arms(launches: &[Launch], compared: &Arms, level: f64) -> Vec<ArmOutcome> {
    let baseline = &*compared.baseline;
    let mut records: BTreeMap<(bool, &str), Vec<&ArmRecord>> = BTreeMap::new();
    for record in launches.iter().flat_map(|launch| &launch.arms) {
        records.entry((record.arm != baseline, &record.arm)).or_default().push(record);
    }
    let outcome = |((other, arm), records): ((bool, &str), Vec<&ArmRecord>)| ArmOutcome {
        arm: arm.to_owned(),
        env: BTreeMap::new(),
        effect: other.then(|| of(&compared.log_ratios(launches, arm), level).ok()).flatten(),
        spared: spared(launches, arm, compared, level),
        micros_per_request: mean(launches.iter().filter_map(|launch| launch.cpu_per_request(arm))) / 1000.0,
        spans_per_request: ratio(
            total(&records, |record| record.spans),
            total(&records, |record| record.requests),
            0.0,
        ),
        delivered: ratio(total(&records, |record| record.spans), total(&records, |record| record.spans_expected), 1.0),
        rss_bytes: records.iter().map(|record| record.rss_bytes).max().unwrap_or(0),
    };
    records.into_iter().map(outcome).collect()
}

/// What `on` costs beyond an arm, as a fraction of the baseline: of each launch the difference, so that what all arms of a
/// launch have in common is not in the interval.
fn spared(launches: &[Launch], arm: &str, compared: &Arms, level: f64) -> Option<Effect> {
    if [&compared.main, &compared.baseline, &compared.same].iter().any(|known| *known == arm) {
        return None;
    }
    let share = |launch: &Launch| {
        let [on, arm, baseline] = [&compared.main, arm, &compared.baseline].map(|arm| launch.cpu_per_request(arm));
        Some((on? - arm?) / baseline?)
    };
    let sample = Sample::of(&launches.iter().filter_map(share).collect::<Vec<_>>()).ok()?;
    let Interval { mean, lower, upper } = student::interval(&sample, level)?;
    Some(Effect { estimate: mean, lower, upper })
}

fn total(records: &[&ArmRecord], of: impl Fn(&ArmRecord) -> u64) -> u64 {
    records.iter().map(|record| of(record)).sum()
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, number) = values.fold((0.0, 0.0), |(sum, number), value| (sum + value, number + 1.0));
    if number > 0.0 { sum / number } else { 0.0 }
}

/// One count over another, or `otherwise` over nothing.
#[expect(clippy::cast_precision_loss, reason = "counts of spans and requests are far below 2^53")]
pub(super) fn ratio(part: u64, whole: u64, otherwise: f64) -> f64 {
    if whole == 0 { otherwise } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overhead::launches::Synthetic;

    #[test]
    fn the_baseline_comes_first_and_has_no_effect() {
        let launches = Synthetic::costing(0.03).launches(8);

        let arms = arms(&launches, &Arms::default(), 0.0031);

        assert_eq!(arms.iter().map(|arm| arm.arm.as_str()).collect::<Vec<_>>(), ["off", "off again", "on"]);
        assert_eq!(arms[0].effect, None);
        let effect = arms[2].effect.unwrap();
        assert!(effect.lower < 0.03 && 0.03 < effect.upper, "{effect:?}");
    }

    #[test]
    fn an_arm_is_summed_up_over_all_launches() {
        let mut launches = Synthetic::costing(0.03).launches(2);
        launches[1].arms[1].spans -= 500;

        let on = &arms(&launches, &Arms::default(), 0.0031)[2];

        assert!((on.spans_per_request - 14.75).abs() < 1e-9, "{on:?}");
        assert!((on.delivered - 29_500.0 / 30_000.0).abs() < 1e-9, "{on:?}");
        assert_eq!(on.rss_bytes, 50_000_000);
        assert!((on.micros_per_request - 206.0).abs() < 2.0, "{on:?}");
    }

    #[test]
    fn what_an_arm_spares_is_told_of_further_arms_alone() {
        let mut launches = Synthetic::costing(0.10).launches(8);
        for launch in &mut launches {
            let on = launch.arms.iter().find(|record| record.arm == "on").unwrap();
            // Half of what `on` costs: 5 % of the baseline.
            let half = ArmRecord { arm: "half".to_owned(), cpu_ns: on.cpu_ns / 110 * 105, ..on.clone() };
            launch.arms.push(half);
        }

        let arms = arms(&launches, &Arms::default(), 0.0031);

        let spared = |name: &str| arms.iter().find(|arm| arm.arm == name).unwrap().spared;
        let half = spared("half").unwrap();
        assert!(half.lower < 0.05 && 0.05 < half.upper && half.upper - half.lower < 0.02, "{half:?}");
        assert_eq!([spared("off"), spared("off again"), spared("on")], [None, None, None]);
    }

    #[test]
    fn one_launch_has_no_effect_and_says_why() {
        let launches = Synthetic::costing(0.03).launches(1);
        let of_arm = |arm| of(&Arms::default().log_ratios(&launches, arm), 0.0031);

        assert_eq!(of_arm("on"), Err(Unmeasured::TooFew { found: 1 }));
        assert_eq!(of_arm("nobody"), Err(Unmeasured::TooFew { found: 0 }));
    }
}
