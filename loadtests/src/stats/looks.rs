//! Looking more than once: every look is another chance to be wrong.

use statrs::distribution::{ContinuousCDF, Normal};

/// Densities are carried this many standard deviations below 0; beyond is less than 1e-12.
const FAR: f64 = 7.0;

/// The chance that a limit which is wrong with probability `level` at each look is wrong at any of them, where looks
/// are made after so many launches and all launches so far count. `None` unless `level` is above 0 and at most a half and
/// `looks` are at least one, ascend, and begin at 1 or later.
///
/// By the recursion of Armitage and others (JRSS A 132, 1969) for sums of normal observations. For t at each look's own
/// quantile it is an approximation, which `simulations` holds against the truth.
#[must_use]
pub fn overall(level: f64, looks: &[u32]) -> Option<f64> {
    let ascending = looks.windows(2).all(|pair| pair[0] < pair[1]);
    let (&first, later) = looks.split_first()?;
    if !ascending || first == 0 || !(level > 0.0 && level <= 0.5) {
        return None;
    }
    let normal = Normal::new(0.0, 1.0).ok()?;
    let critical = -normal.inverse_cdf(level);
    let mut launches = f64::from(first);
    // The density of the sum of all observations where no look was wrong yet.
    let mut grid = Grid::new(launches, launches, critical);
    let mut density: Vec<f64> = grid.points.iter().map(|&sum| gauss(sum, launches)).collect();
    for &look in later {
        let added = f64::from(look) - launches;
        launches = f64::from(look);
        let next = Grid::new(launches, added, critical);
        let weighted: Vec<f64> = grid.weights.iter().zip(&density).map(|(weight, density)| weight * density).collect();
        let at = |&sum: &f64| -> f64 {
            weighted.iter().zip(&grid.points).map(|(weighted, from)| weighted * gauss(sum - from, added)).sum()
        };
        density = next.points.iter().map(at).collect();
        grid = next;
    }
    let never: f64 = grid.weights.iter().zip(&density).map(|(weight, density)| weight * density).sum();
    Some((1.0 - never).clamp(level, 1.0))
}

/// The level each look may have so that the chance over all of them is `overall`; `None` as for [`overall()`].
#[must_use]
pub fn level_for(total: f64, looks: &[u32]) -> Option<f64> {
    overall(total, looks)?;
    let number = f64::from(u32::try_from(looks.len()).ok()?);
    // At least the level of Bonferroni, at most all of it.
    let (mut low, mut high) = (total / number, total);
    for _ in 0..20 {
        let middle = low.midpoint(high);
        if overall(middle, looks)? > total { high = middle } else { low = middle }
    }
    Some(low)
}

/// The points at which a density is known, and their weights in Simpson's rule.
struct Grid {
    points: Vec<f64>,
    weights: Vec<f64>,
}

impl Grid {
    /// Up to the critical value after `launches`, of which the last `added` blur the density.
    fn new(launches: f64, added: f64, critical: f64) -> Self {
        let (from, to) = (-FAR * launches.sqrt(), critical * launches.sqrt());
        // Four points a standard deviation of the narrowest thing to add up; many looks close together get what they
        // get: 1,000 points.
        let wanted = (4.0 * (to - from) / added.sqrt()).ceil().clamp(60.0, 1000.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "60 to 1000")]
        let steps = wanted as u32 / 2 * 2;
        let step = (to - from) / f64::from(steps);
        let simpson = |point: u32| match point {
            0 => 1.0,
            last if last == steps => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        Self {
            points: (0..=steps).map(|point| from + step * f64::from(point)).collect(),
            weights: (0..=steps).map(|point| step / 3.0 * simpson(point)).collect(),
        }
    }
}

/// The normal density with mean 0.
fn gauss(value: f64, variance: f64) -> f64 {
    (-value * value / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_has_its_own_level() {
        assert!((overall(0.01, &[8]).unwrap() - 0.01).abs() < 1e-6);
    }

    #[test]
    fn repeated_looks_are_as_wrong_as_published() {
        // Armitage and others 1969, table 2: two-sided 5 % at 2, 3, 4, 5 and 10 equally spaced looks. One-sided
        // 2.5 % is half of that up to the chance of crossing both sides, which is below 0.0005 up to five looks.
        for (looks, two_sided) in [(2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142)] {
            let looks: Vec<u32> = (1..=looks).collect();

            let one_sided = overall(0.025, &looks).unwrap();

            assert!((one_sided - two_sided / 2.0).abs() < 0.001, "{looks:?}: {one_sided}");
        }
    }

    #[test]
    fn the_level_for_five_looks_is_that_of_pocock() {
        // Pocock 1977, table 1: five looks, two-sided 5 % overall, nominal 0.0158; 1 %, nominal 0.0028.
        let looks: Vec<u32> = (1..=5).collect();

        let (five, one) = (level_for(0.025, &looks).unwrap(), level_for(0.005, &looks).unwrap());

        assert!((five - 0.0079).abs() < 0.0001, "{five}");
        assert!((one - 0.0014).abs() < 0.0001, "{one}");
    }

    #[test]
    fn what_makes_no_sense_has_no_level() {
        for looks in [&[][..], &[0, 8], &[8, 8], &[12, 8]] {
            assert_eq!(overall(0.01, looks), None, "{looks:?}");
            assert_eq!(level_for(0.01, looks), None, "{looks:?}");
        }
        assert_eq!(overall(f64::NAN, &[8]), None);
        assert_eq!(overall(0.0, &[8]), None);
    }

    #[test]
    fn more_looks_are_more_often_wrong_and_never_more_than_their_sum() {
        let looks = [8, 16, 24, 32, 40];
        let rates: Vec<f64> = (1..=5).map(|number| overall(0.0029, &looks[..number]).unwrap()).collect();

        assert!(rates.is_sorted(), "{rates:?}");
        assert!(rates[4] > 0.0029 && rates[4] < 5.0 * 0.0029, "{rates:?}");
    }
}
