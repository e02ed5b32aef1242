//! The sign-flip randomisation test: whether a mean is what it is said to be, supposing no distribution.
//!
//! If the mean is as said and errors are as often positive as negative, then each observation's distance from it could
//! as well have had the other sign. The test counts, over all ways to give signs, how many give a sum at least as far
//! from 0 as the one observed (Fisher, The Design of Experiments, 1935, section 21).

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

/// Up to this many observations all ways are counted: two halves of 2^18 sums each, some hundredths of a second.
pub const EXACT_UP_TO: usize = 36;

/// Beyond, this many ways are drawn; p is then uncertain by less than 0.003 (two standard errors at p = 0.5).
pub const DRAWS: u32 = 1 << 17;

/// Sums of doubles that should be equal differ by this much of the largest possible one.
const ROUNDING: f64 = 1e-12;

/// What the test says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignFlip {
    /// Two-sided p. With all ways counted it is at least 2 / 2^n.
    pub p: f64,
    /// Whether all ways were counted, not only [`DRAWS`] of them.
    pub exact: bool,
}

/// Tests whether the mean is `mean`; `None` without observations, or if anything is not finite.
#[must_use]
pub fn test(observations: &[f64], mean: f64) -> Option<SignFlip> {
    let distances: Vec<f64> = observations.iter().map(|value| value - mean).collect();
    if distances.is_empty() || distances.iter().any(|distance| !distance.is_finite()) {
        return None;
    }
    let largest: f64 = distances.iter().map(|distance| distance.abs()).sum();
    let least = distances.iter().sum::<f64>().abs() - ROUNDING * largest;
    let exact = distances.len() <= EXACT_UP_TO;
    let p = match (least <= 0.0, exact) {
        (true, _) => 1.0,
        (false, true) => counted(&distances, least),
        (false, false) => drawn(&distances, least),
    };
    Some(SignFlip { p, exact })
}

/// Every sum of all observations is one of the first half plus one of the second. With both lists in order, one pass
/// from opposite ends counts the pairs that reach `least`: 2^(n/2) steps instead of 2^n.
fn counted(distances: &[f64], least: f64) -> f64 {
    let (first, second) = distances.split_at(distances.len() / 2);
    let (first, second) = (sums(first), sums(second));
    let mut reaching = 0;
    let mut hits = 0_usize;
    for sum in &first {
        // `first` ascends, so the part of `second` that reaches grows, from its upper end.
        while reaching < second.len() && sum + second[second.len() - 1 - reaching] >= least {
            reaching += 1;
        }
        hits += reaching;
    }
    // As many reach -least, by flipping all signs.
    2.0 * super::sample::count(hits) / (super::sample::count(first.len()) * super::sample::count(second.len()))
}

/// All sums with all signs, ascending.
fn sums(distances: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for distance in distances {
        let flipped: Vec<f64> = sums.iter().map(|sum| sum - distance).collect();
        for sum in &mut sums {
            *sum += distance;
        }
        sums.extend(flipped);
    }
    sums.sort_unstable_by(f64::total_cmp);
    sums
}

/// Counts over ways that are drawn, always the same ones. The observed way counts as one of them, so p is never 0
/// (Phipson and Smyth 2010).
fn drawn(distances: &[f64], least: f64) -> f64 {
    let mut dice = SmallRng::seed_from_u64(0);
    let mut hits = 1_u32;
    for _ in 0..DRAWS {
        let sum: f64 = distances.iter().map(|distance| if dice.random() { *distance } else { -distance }).sum();
        hits += u32::from(sum.abs() >= least);
    }
    f64::from(hits) / f64::from(DRAWS + 1)
}

/// Darwin's maize: heights of crossed less self-fertilised plants, 15 pairs, in eighths of an inch (Fisher, The Design
/// of Experiments, table 3).
#[cfg(test)]
pub(crate) const DARWIN: [f64; 15] =
    [49.0, -67.0, 8.0, 16.0, 6.0, 23.0, 28.0, 41.0, 14.0, 29.0, 56.0, 24.0, 75.0, 60.0, -48.0];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn p_is_that_of_fishers_worked_example() {
        // Section 21: of 32,768 ways 863 give a sum of 314 or more, and as many -314 or less.
        let result = test(&DARWIN, 0.0).unwrap();

        assert_eq!(result, SignFlip { p: 1726.0 / 32768.0, exact: true });
    }

    #[test]
    fn ties_count_although_their_sums_are_rounded_otherwise() {
        // In tenths 1 + 2 = 3, in doubles not quite: of 8 ways, |sum| >= 0.6 for 2, and >= 0 for all.
        assert_eq!(test(&[0.1, 0.2, 0.3], 0.0), Some(SignFlip { p: 2.0 / 8.0, exact: true }));
        assert_eq!(test(&[0.1, 0.2, -0.3], 0.0), Some(SignFlip { p: 1.0, exact: true }));
        assert_eq!(test(&[-0.1, -0.2, 0.3, 0.4], 0.0), Some(SignFlip { p: 10.0 / 16.0, exact: true }));
    }

    #[test]
    fn all_on_one_side_is_the_least_p_there_is() {
        let values: Vec<f64> = (1..=24).map(|value| f64::from(value) / 1000.0).collect();

        assert_eq!(test(&values, 0.0), Some(SignFlip { p: 2.0 / f64::from(1 << 24), exact: true }));
    }

    #[test]
    fn beyond_the_limit_ways_are_drawn_and_the_result_says_so() {
        // An odd number of ones is never nearer to 0 than one.
        let values: Vec<f64> = (0..=EXACT_UP_TO).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();

        let result = test(&values, 0.0).unwrap();
        assert!(!result.exact && result.p > 0.99, "{result:?}");

        let clear = test(&vec![0.5; EXACT_UP_TO + 1], 0.0).unwrap();
        assert!(!clear.exact && clear.p > 0.0 && clear.p < 0.001, "{clear:?}");
    }

    #[test]
    fn drawing_agrees_with_counting() {
        let drawn = drawn(&DARWIN, 314.0 - 1e-9);

        assert!((drawn - 1726.0 / 32768.0).abs() < 0.002, "{drawn}");
    }

    #[test]
    fn nothing_and_what_is_not_finite_have_no_p() {
        assert_eq!(test(&[], 0.0), None);
        assert_eq!(test(&[0.1, f64::NAN], 0.0), None);
        assert_eq!(test(&[0.1, 0.2], f64::INFINITY), None);
    }

    /// The definition, counted the slow way.
    fn by_definition(values: &[f64]) -> f64 {
        let total: f64 = values.iter().sum::<f64>().abs();
        let hits = (0_u32..1 << values.len()).filter(|signs| {
            let signed = |(index, value): (usize, &f64)| if signs >> index & 1 == 1 { *value } else { -value };
            values.iter().enumerate().map(signed).sum::<f64>().abs() >= total - 1e-9
        });
        f64::from(u32::try_from(hits.count()).unwrap()) / f64::from(1_u32 << values.len())
    }

    proptest! {
        #[test]
        fn counting_by_halves_is_counting(values in prop::collection::vec((-9..9_i32).prop_map(f64::from), 1..9)) {
            prop_assert_eq!(test(&values, 0.0), Some(SignFlip { p: by_definition(&values), exact: true }));
        }

        #[test]
        fn a_shift_of_observations_and_mean_makes_no_difference(
            values in prop::collection::vec((-90..90_i32).prop_map(f64::from), 1..16), shift in -50..50_i32,
        ) {
            let shifted: Vec<f64> = values.iter().map(|value| value + f64::from(shift)).collect();

            prop_assert_eq!(test(&values, 0.0), test(&shifted, f64::from(shift)));
        }

        #[test]
        fn swapping_the_arms_makes_no_difference(values in prop::collection::vec(-0.1..0.1_f64, 1..16)) {
            let swapped: Vec<f64> = values.iter().map(|value| -value).collect();

            prop_assert_eq!(test(&values, 0.0), test(&swapped, 0.0));
        }
    }
}
