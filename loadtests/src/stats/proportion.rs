//! Proportions.

use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF};

/// How often something happened, with its exact 95 % interval (Clopper and Pearson 1934).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// How often it happened.
    pub hits: u32,
    /// Of how many times; not 0.
    pub of: u32,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// Each limit is wrong with this probability.
const LEVEL: f64 = 0.025;

impl Rate {
    /// `hits` in `of` times; `None` if that is not possible.
    #[must_use]
    pub fn new(hits: u32, of: u32) -> Option<Self> {
        if of == 0 || hits > of {
            return None;
        }
        let (yes, no) = (f64::from(hits), f64::from(of - hits));
        let lower = if hits == 0 { 0.0 } else { Beta::new(yes, no + 1.0).ok()?.inverse_cdf(LEVEL) };
        let upper = if hits == of { 1.0 } else { Beta::new(yes + 1.0, no).ok()?.inverse_cdf(1.0 - LEVEL) };
        Some(Self { hits, of, lower, upper })
    }

    /// The proportion.
    #[must_use]
    pub fn value(&self) -> f64 {
        f64::from(self.hits) / f64::from(self.of)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn limits_are_the_published_ones() {
        // Clopper and Pearson's charts; 0 of n has the closed form 1 - 0.025^(1/n), 3 of 10 is 0.0667 to 0.6525.
        let some = Rate::new(3, 10).unwrap();
        assert!((some.lower - 0.0667).abs() < 1e-4 && (some.upper - 0.6525).abs() < 1e-4, "{some:?}");

        let none = Rate::new(0, 1000).unwrap();
        assert!(none.lower <= 0.0, "{none:?}");
        assert!((none.upper - (1.0 - 0.025_f64.powf(0.001))).abs() < 1e-9, "{none:?}");

        let all = Rate::new(20, 20).unwrap();
        assert!(all.upper >= 1.0, "{all:?}");
        assert!((all.lower - 0.025_f64.powf(0.05)).abs() < 1e-9, "{all:?}");
    }

    #[test]
    fn a_rate_of_nothing_or_of_more_than_all_is_none() {
        assert_eq!(Rate::new(0, 0), None);
        assert_eq!(Rate::new(3, 2), None);
    }

    proptest! {
        #[test]
        fn limits_enclose_the_rate_and_mirror(of in 1_u32..5000, share in 0.0..=1.0_f64) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u32")]
            let hits = (f64::from(of) * share) as u32;

            let (rate, other) = (Rate::new(hits, of).unwrap(), Rate::new(of - hits, of).unwrap());

            prop_assert!(rate.lower <= rate.value() && rate.value() <= rate.upper);
            prop_assert!((rate.lower + other.upper - 1.0).abs() < 1e-6);
        }
    }
}
