//! What a run could have told, and how long one would have to be.

use super::Sample;
use super::sample::count;
use super::student::critical;

/// The chance of telling that [`detectable`] and [`launches_needed`] speak of.
pub const POWER: f64 = 0.9;

/// The smallest distance of the true mean from a limit that as many observations, as far apart, tell from the limit
/// with a chance of [`POWER`]: (`t_level` + `t_power`) standard errors, the usual approximation to the noncentral t.
/// `None` for a level that is none.
#[must_use]
pub fn detectable(sample: &Sample, level: f64) -> Option<f64> {
    reach(sample.sd(), sample.n(), level)
}

/// How many observations tell the mean from `limit` with a chance of [`POWER`], if mean and standard deviation stay as
/// they are; `None` if `most` do not, such as where the mean sits on the limit, or for a level that is none.
#[must_use]
pub fn launches_needed(sample: &Sample, limit: f64, level: f64, most: usize) -> Option<usize> {
    let distance = (sample.mean() - limit).abs();
    let enough = |n: usize| reach(sample.sd(), n, level).is_some_and(|reach| reach <= distance);
    if !enough(most) {
        return None;
    }
    // `reach` falls with n, so the first that is enough can be halved for.
    let (mut low, mut high) = (2, most);
    while low < high {
        let middle = low.midpoint(high);
        if enough(middle) { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

fn reach(sd: f64, n: usize, level: f64) -> Option<f64> {
    Some((critical(level, n)? + critical(1.0 - POWER, n)?) * sd / count(n).sqrt())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEVEL: f64 = 0.0029;

    /// Twelve observations with this mean and standard deviation.
    fn sample(mean: f64, sd: f64) -> Sample {
        let one = (11.0_f64 / 12.0).sqrt() * sd;
        Sample::of(&(0..12).map(|n| if n % 2 == 0 { mean + one } else { mean - one }).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_sample_size_is_that_of_the_textbook() {
        // n = (z_level + z_power)^2 / d^2 + z_level^2 / 2 (Guenther 1981): one-sided 5 %, power 0.9, d = 0.5 needs
        // (1.645 + 1.282)^2 / 0.25 + 1.35 = 35.6 observations.
        assert_eq!(launches_needed(&sample(0.5, 1.0), 0.0, 0.05, 1000), Some(36));
    }

    #[test]
    fn a_mean_on_the_limit_needs_no_number_of_launches() {
        assert_eq!(launches_needed(&sample(0.05, 0.003), 0.05, LEVEL, 1000), None);
    }

    #[test]
    fn more_launches_than_allowed_are_none() {
        let needed = launches_needed(&sample(0.049, 0.003), 0.05, LEVEL, 1000).unwrap();

        assert!(needed > 100, "{needed}");
        assert_eq!(launches_needed(&sample(0.049, 0.003), 0.05, LEVEL, needed - 1), None);
    }

    #[test]
    fn a_level_that_is_none_tells_nothing() {
        assert_eq!(detectable(&sample(0.02, 0.003), 0.0), None);
        assert_eq!(launches_needed(&sample(0.02, 0.003), 0.05, f64::NAN, 1000), None);
    }

    proptest! {
        #[test]
        fn what_is_needed_is_the_least_that_is_enough(distance in 0.002..0.05_f64, sd in 0.001..0.02_f64) {
            let sample = sample(0.05 - distance, sd);

            if let Some(needed) = launches_needed(&sample, 0.05, LEVEL, 500) {
                prop_assert!(reach(sample.sd(), needed, LEVEL).unwrap() <= distance + 1e-9);
                prop_assert!(needed == 2 || reach(sample.sd(), needed - 1, LEVEL).unwrap() > distance - 1e-9);
            }
        }

        #[test]
        fn below_the_limit_or_above_makes_no_difference(distance in 0.002..0.05_f64, sd in 0.001..0.02_f64) {
            let below = launches_needed(&sample(-distance, sd), 0.0, LEVEL, 500);
            let above = launches_needed(&sample(distance, sd), 0.0, LEVEL, 500);

            prop_assert_eq!(below, above);
        }
    }
}
