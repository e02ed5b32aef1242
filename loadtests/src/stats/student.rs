//! Student's t.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Sample;
use super::sample::count;

/// An interval for a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// Whether a value is inside, limits included.
    #[must_use]
    pub fn contains(&self, value: f64) -> bool {
        self.lower <= value && value <= self.upper
    }

    /// Half its width.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.upper - self.lower) / 2.0
    }
}

/// What t exceeds with probability `level` where the mean of `n` observations is compared (n - 1 degrees of freedom);
/// `None` with fewer than two, or for a level that is not above 0 and at most a half.
#[must_use]
pub fn critical(level: f64, n: usize) -> Option<f64> {
    if n < 2 || !(level > 0.0 && level <= 0.5) {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, count(n - 1)).ok()?;
    // By the lower tail: 1 - level has fewer digits than level.
    Some(-t.inverse_cdf(level))
}

/// The interval for the mean, each of its limits wrong with probability `level`; `None` for a level that is none.
#[must_use]
pub fn interval(sample: &Sample, level: f64) -> Option<Interval> {
    critical(level, sample.n()).map(|t| interval_at(sample, t))
}

/// The interval for the mean whose limits are `t` standard errors away.
#[must_use]
pub fn interval_at(sample: &Sample, t: f64) -> Interval {
    let reach = t * sample.standard_error();
    Interval { mean: sample.mean(), lower: sample.mean() - reach, upper: sample.mean() + reach }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // R. A. Fisher and F. Yates, Statistical Tables, table III; NIST e-Handbook 1.3.6.7.2 has the same.
        let table = [
            (1, 0.025, 12.706),
            (2, 0.025, 4.303),
            (4, 0.05, 2.132),
            (7, 0.005, 3.499),
            (7, 0.0005, 5.408),
            (10, 0.025, 2.228),
            (14, 0.025, 2.145),
            (15, 0.005, 2.947),
            (23, 0.005, 2.807),
            (23, 0.0005, 3.768),
            (30, 0.05, 1.697),
            (120, 0.025, 1.980),
        ];

        for (freedom, level, published) in table {
            let t = critical(level, freedom + 1).unwrap();

            assert!((t - published).abs() < 0.0006, "{freedom} degrees of freedom, {level}: {t}, {published}");
        }
    }

    #[test]
    fn quantiles_far_out_are_those_of_the_closed_forms() {
        for level in [0.1_f64, 0.0031, 0.0005, 0.00005] {
            // Cauchy's distribution, and t with two degrees of freedom.
            let one = (std::f64::consts::PI * (0.5 - level)).tan();
            let two = (1.0 - 2.0 * level) / (2.0 * level * (1.0 - level)).sqrt();

            let (is_one, is_two) = (critical(level, 2).unwrap(), critical(level, 3).unwrap());
            assert!((is_one / one - 1.0).abs() < 1e-6, "{level}: {is_one}, {one}");
            assert!((is_two / two - 1.0).abs() < 1e-6, "{level}: {is_two}, {two}");
        }
    }

    #[test]
    fn an_interval_is_that_of_a_published_example() {
        // Darwin's maize, in eighths of an inch (Fisher, The Design of Experiments, section 17): mean 20.93, t = 2.148;
        // with the tabled 2.145 the lower limit is 0.03.
        let sample = Sample::of(&crate::stats::sign_flip::DARWIN).unwrap();

        let interval = interval(&sample, 0.025).unwrap();

        assert!((sample.mean() - 20.933).abs() < 0.001 && (sample.sd() - 37.744).abs() < 0.001, "{sample:?}");
        assert!((sample.mean() / sample.standard_error() - 2.148).abs() < 0.001, "{sample:?}");
        assert!((interval.lower - 0.03).abs() < 0.01 && (interval.upper - 41.84).abs() < 0.01, "{interval:?}");
    }

    #[test]
    fn one_observation_or_a_level_that_is_none_has_no_quantile() {
        assert_eq!(critical(0.01, 1), None);
        assert_eq!(critical(0.01, 0), None);
        for level in [0.0, -0.1, 0.6, f64::NAN, f64::INFINITY] {
            assert_eq!(critical(level, 8), None, "{level}");
        }
    }

    fn launches() -> impl Strategy<Value = Vec<f64>> {
        prop::collection::vec(-0.2..0.2_f64, 3..25)
    }

    proptest! {
        #[test]
        fn an_interval_contains_its_mean_and_is_as_wide_on_both_sides(values in launches(), level in 0.0001..0.4_f64) {
            let interval = interval(&Sample::of(&values).unwrap(), level).unwrap();

            prop_assert!(interval.contains(interval.mean));
            let sides = (interval.upper - interval.mean, interval.mean - interval.lower);
            prop_assert!((sides.0 - sides.1).abs() < 1e-9);
        }

        #[test]
        fn a_shift_of_all_observations_shifts_the_interval(values in launches(), shift in -1.0..1.0_f64) {
            let shifted: Vec<f64> = values.iter().map(|value| value + shift).collect();

            let before = interval(&Sample::of(&values).unwrap(), 0.0031).unwrap();
            let after = interval(&Sample::of(&shifted).unwrap(), 0.0031).unwrap();

            prop_assert!((before.lower + shift - after.lower).abs() < 1e-9);
            prop_assert!((before.upper + shift - after.upper).abs() < 1e-9);
        }

        #[test]
        fn swapping_the_arms_mirrors_the_interval(values in launches()) {
            let swapped: Vec<f64> = values.iter().map(|value| -value).collect();

            let before = interval(&Sample::of(&values).unwrap(), 0.0031).unwrap();
            let after = interval(&Sample::of(&swapped).unwrap(), 0.0031).unwrap();

            prop_assert!((before.lower + after.upper).abs() < 1e-9);
            prop_assert!((before.upper + after.lower).abs() < 1e-9);
        }

        #[test]
        fn a_stricter_level_and_fewer_launches_widen_it(level in 0.0002..0.2_f64, n in 2_usize..40) {
            prop_assert!(critical(level / 2.0, n) > critical(level, n));
            prop_assert!(critical(level, n) > critical(level, n + 1));
        }
    }
}
