//! Whether requests were slower while something was wrong: windows in pairs, well and unwell in turn.

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// How much slower may requests be, as a ratio: a tenth.
const BOUND: f64 = 1.10;

/// Confidence of the interval, two-sided: with four trials a run, one in fifty runs would be told of a harm of exactly a
/// tenth that is none, and of no harm at all almost never.
const CONFIDENCE: f64 = 0.99;

/// A ratio of 99th percentiles, unwell over well, with its interval at 99 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The geometric mean over pairs.
    pub ratio: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
    /// How many pairs of windows.
    pub pairs: usize,
}

/// Whether requests were slower by more than a tenth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Harm {
    /// They were not: the upper limit is within the bound.
    Unharmed(Interval),
    /// They were: the lower limit is beyond it.
    Harmed(Interval),
    /// The interval has the bound in it: the machine is too noisy for so few windows.
    Undecided(Interval),
    /// Fewer than two pairs were measured.
    Unknown,
}

/// Judges pairs of 99th percentiles, well first, each pair from windows next to each other, so that what changes slowly
/// on the machine is in both. The interval is Student's t over the logarithms of the ratios.
#[must_use]
pub fn harm(pairs: &[(f64, f64)]) -> Harm {
    let logs: Vec<f64> = pairs
        .iter()
        .filter(|(well, unwell)| *well > 0.0 && *unwell > 0.0)
        .map(|(well, unwell)| (unwell / well).ln())
        .collect();
    if logs.len() < 2 {
        return Harm::Unknown;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of pairs")]
    let n = logs.len() as f64;
    let mean = logs.iter().sum::<f64>() / n;
    let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let Ok(students_t) = StudentsT::new(0.0, 1.0, n - 1.0) else { return Harm::Unknown };
    let half = students_t.inverse_cdf(f64::midpoint(1.0, CONFIDENCE)) * (variance / n).sqrt();
    let interval =
        Interval { ratio: mean.exp(), lower: (mean - half).exp(), upper: (mean + half).exp(), pairs: logs.len() };
    if interval.upper <= BOUND {
        Harm::Unharmed(interval)
    } else if interval.lower > BOUND {
        Harm::Harmed(interval)
    } else {
        Harm::Undecided(interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_alike_are_unharmed() {
        let pairs = [(10.0, 10.1), (11.0, 10.9), (10.0, 10.2), (12.0, 11.9), (10.5, 10.5), (10.0, 9.9)];

        assert!(matches!(harm(&pairs), Harm::Unharmed(_)), "{:?}", harm(&pairs));
    }

    #[test]
    fn windows_twice_as_slow_are_harmed_however_the_machine_drifts() {
        let pairs = [(10.0, 20.5), (20.0, 39.0), (40.0, 81.0), (20.0, 40.0), (10.0, 19.0), (5.0, 10.4)];

        assert!(matches!(harm(&pairs), Harm::Harmed(_)), "{:?}", harm(&pairs));
    }

    #[test]
    fn noise_decides_nothing() {
        let pairs = [(10.0, 20.0), (20.0, 10.0), (15.0, 16.0), (10.0, 14.0), (14.0, 10.0), (10.0, 11.0)];

        assert!(matches!(harm(&pairs), Harm::Undecided(_)), "{:?}", harm(&pairs));
    }

    #[test]
    fn the_interval_is_students_t() {
        // t of 0.995 and 1 degree of freedom is 63.657: logs 0 and 0.1 have mean 0.05 and standard error 0.05.
        let Harm::Undecided(interval) = harm(&[(1.0, 1.0), (1.0, 0.1_f64.exp())]) else { panic!("it is very wide") };

        assert!((interval.ratio.ln() - 0.05).abs() < 1e-12);
        assert!((interval.upper.ln() - (0.05 + 63.656_741 * 0.05)).abs() < 1e-5, "{interval:?}");
    }

    #[test]
    fn one_pair_or_windows_without_answers_say_nothing() {
        assert_eq!(harm(&[(1.0, 1.0)]), Harm::Unknown);
        assert_eq!(harm(&[(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)]), Harm::Unknown);
    }
}
