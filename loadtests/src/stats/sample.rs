//! Number, mean and standard deviation of observations.

/// Observations as their number, mean and standard deviation. There are at least two, all finite, and they differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    n: usize,
    mean: f64,
    sd: f64,
}

/// Why observations are no measurement.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Unmeasured {
    /// One observation says nothing about how far the next would be from it.
    #[error("{found} observations are too few: an interval needs at least 2")]
    TooFew {
        /// How many there are.
        found: usize,
    },
    /// One is infinite or not a number.
    #[error("observation {number} is {value}, which is no measurement")]
    NotFinite {
        /// Which, from 1.
        number: usize,
        /// What it is.
        value: f64,
    },
    /// Times in nanoseconds never agree to the last digit: what does not vary was not measured.
    #[error("all {found} observations are {value} to the last digit: a clock that was read would differ")]
    NoSpread {
        /// How many there are.
        found: usize,
        /// What they are.
        value: f64,
    },
}

impl Sample {
    /// The sample of these observations.
    pub fn of(observations: &[f64]) -> Result<Self, Unmeasured> {
        let found = observations.len();
        if let Some((index, &value)) = observations.iter().enumerate().find(|(_, value)| !value.is_finite()) {
            return Err(Unmeasured::NotFinite { number: index + 1, value });
        }
        let [first, rest @ ..] = observations else { return Err(Unmeasured::TooFew { found }) };
        if rest.is_empty() {
            return Err(Unmeasured::TooFew { found });
        }
        // By comparison: rounding would give equal values a standard deviation that is not quite 0.
        #[expect(clippy::float_cmp, reason = "equal to the last digit is what is asked")]
        if rest.iter().all(|value| value == first) {
            return Err(Unmeasured::NoSpread { found, value: *first });
        }
        // Distances from the first: large and nearly equal observations lose no digits, however large the sum.
        let n = count(found);
        let shift = rest.iter().map(|value| value - first).sum::<f64>() / n;
        let squares: f64 = observations.iter().map(|value| (value - first - shift).powi(2)).sum();
        let (mean, sd) = (first + shift, (squares / (n - 1.0)).sqrt());
        // Finite values near the largest double can still add up to infinity.
        if let Some(&value) = [mean, sd].iter().find(|value| !value.is_finite()) {
            return Err(Unmeasured::NotFinite { number: found, value });
        }
        Ok(Self { n: found, mean, sd })
    }

    /// How many observations there are; at least 2.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// Their mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Their standard deviation, with n - 1.
    #[must_use]
    pub fn sd(&self) -> f64 {
        self.sd
    }

    /// The standard error of the mean.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.sd / count(self.n).sqrt()
    }
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts of launches and runs are far below 2^53")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn mean_and_standard_deviation_are_those_of_the_textbook() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, StRD, data set NumAcc1.
        let sample = Sample::of(&[10_000_001.0, 10_000_003.0, 10_000_002.0]).unwrap();

        assert_eq!((sample.n(), sample.mean(), sample.sd()), (3, 10_000_002.0, 1.0));
    }

    #[test]
    fn nothing_and_one_are_too_few() {
        assert_eq!(Sample::of(&[]), Err(Unmeasured::TooFew { found: 0 }));
        assert_eq!(Sample::of(&[0.1]), Err(Unmeasured::TooFew { found: 1 }));
    }

    #[test]
    fn what_is_not_finite_is_named_by_its_place() {
        for bad in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN] {
            let error = Sample::of(&[0.1, bad, 0.2]).unwrap_err();

            assert!(error.to_string().starts_with("observation 2 is "), "{error}");
        }
    }

    #[test]
    fn sums_beyond_the_largest_double_are_no_measurement() {
        assert!(matches!(Sample::of(&[f64::MAX, -f64::MAX]), Err(Unmeasured::NotFinite { .. })));
    }

    #[test]
    fn observations_that_do_not_vary_were_not_measured() {
        let error = Sample::of(&[0.1; 7]).unwrap_err();

        assert_eq!(error, Unmeasured::NoSpread { found: 7, value: 0.1 });
    }

    proptest! {
        #[test]
        fn the_order_makes_no_difference(mut values in prop::collection::vec(-1.0..1.0_f64, 3..30)) {
            let before = Sample::of(&values).unwrap();
            values.reverse();
            let after = Sample::of(&values).unwrap();

            prop_assert!((before.mean() - after.mean()).abs() < 1e-12);
            prop_assert!((before.sd() - after.sd()).abs() < 1e-12);
        }
    }
}
