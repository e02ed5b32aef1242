//! The statistics held against a known truth. Every run is the same: seeds are fixed, and bounds are four or more
//! standard errors of the simulation away from what is promised.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::looks::overall;
use super::power::detectable;
use super::sample::count;
use super::student::{critical, interval_at};
use super::{Sample, sign_flip};

const LOOKS: [usize; 5] = [8, 16, 24, 32, 40];
const LEVEL: f64 = 0.0029;
const RUNS: u32 = 20_000;

/// A standard normal number (Box and Muller 1958).
fn normal(dice: &mut SmallRng) -> f64 {
    let (radius, angle): (f64, f64) = (dice.random(), dice.random());
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// How often, in `RUNS` runs of 40 observations with mean 0, something happens.
fn rate(seed: u64, mut observation: impl FnMut(&mut SmallRng) -> f64, mut happens: impl FnMut(&[f64]) -> bool) -> f64 {
    let mut dice = SmallRng::seed_from_u64(seed);
    let hits = (0..RUNS).filter(|_| {
        let run: [f64; 40] = std::array::from_fn(|_| observation(&mut dice));
        happens(&run)
    });
    f64::from(u32::try_from(hits.count()).unwrap()) / f64::from(RUNS)
}

/// Whether at any look the lower limit is above the true mean, 0: a false alarm.
fn false_alarm(run: &[f64], quantiles: &[f64; 5]) -> bool {
    LOOKS.iter().zip(quantiles).any(|(&look, &t)| interval_at(&Sample::of(&run[..look]).unwrap(), t).lower > 0.0)
}

fn quantiles(level: f64) -> [f64; 5] {
    LOOKS.map(|look| critical(level, look).unwrap())
}

#[test]
fn five_looks_raise_a_false_alarm_in_one_run_of_a_hundred() {
    let quantiles = quantiles(LEVEL);
    let promised = overall(LEVEL, &LOOKS.map(|look| u32::try_from(look).unwrap())).unwrap();
    assert!((promised - 0.01).abs() < 0.001, "{promised}");

    for seed in [1, 2, 3] {
        let upwards = rate(seed, normal, |run| false_alarm(run, &quantiles));

        // One standard error is 0.0007.
        assert!((0.006..0.013).contains(&upwards), "seed {seed}: {upwards}");
    }
}

#[test]
fn each_limit_holds_at_its_own_level_at_a_single_look() {
    let t = critical(0.01, 40).unwrap();

    let wrong = rate(4, normal, |run| interval_at(&Sample::of(run).unwrap(), t).upper < 0.0);

    assert!((wrong - 0.01).abs() < 0.003, "{wrong}");
}

#[test]
fn noise_with_outliers_makes_the_verdict_more_careful_not_less() {
    let quantiles = quantiles(LEVEL);
    // One launch of ten is five times as far off.
    let outliers = |dice: &mut SmallRng| normal(dice) * if dice.random_bool(0.1) { 5.0 } else { 1.0 };

    let wrong = rate(5, outliers, |run| false_alarm(run, &quantiles));

    assert!(wrong < 0.013, "{wrong}");
}

#[test]
fn launches_that_are_bootstrapped_raise_more_false_alarms_than_promised() {
    // The percentile bootstrap of a mean is, up to its own noise, an interval with the quantile of the normal
    // distribution and the standard deviation of n, not n - 1.
    let z = [2.759; 5];
    let shrunk = |run: &[f64]| {
        let scaled = LOOKS.map(|look| (count(look - 1) / count(look)).sqrt());
        let t: [f64; 5] = std::array::from_fn(|look| z[look] * scaled[look]);
        false_alarm(run, &t)
    };

    let wrong = rate(6, normal, shrunk);

    assert!(wrong > 0.018, "{wrong}");
}

#[test]
fn windows_that_are_pooled_raise_many_more_false_alarms_than_promised() {
    // Six windows a launch: they share what is particular to the launch. As 48 observations at a single look:
    let t = critical(LEVEL, 48).unwrap();
    let mut dice = SmallRng::seed_from_u64(7);
    let wrong = (0..4000).filter(|_| {
        let launches: Vec<f64> = (0..8).map(|_| normal(&mut dice)).collect();
        let windows: Vec<f64> =
            launches.iter().flat_map(|launch| [*launch; 6]).map(|w| w + normal(&mut dice)).collect();
        interval_at(&Sample::of(&windows).unwrap(), t).lower > 0.0
    });

    assert!(wrong.count() > 4000 * 5 / 100);
}

#[test]
fn the_detectable_distance_is_told_nine_times_in_ten() {
    let mut dice = SmallRng::seed_from_u64(8);
    // What a run says it could tell depends on its own spread; the truth is the distance for the true one.
    let true_spread: Vec<f64> = (0..40).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let unit = Sample::of(&true_spread).unwrap();
    let distance = detectable(&unit, LEVEL).unwrap() / unit.sd();
    let t = critical(LEVEL, 40).unwrap();

    let told = (0..5000).filter(|_| {
        let run: Vec<f64> = (0..40).map(|_| distance + normal(&mut dice)).collect();
        interval_at(&Sample::of(&run).unwrap(), t).lower > 0.0
    });

    let power = told.count();
    assert!((4350..4650).contains(&power), "{power} of 5000");
}

#[test]
fn the_sign_flip_test_is_as_often_wrong_as_it_says() {
    let mut dice = SmallRng::seed_from_u64(9);
    let wrong = (0..4000).filter(|_| {
        let run: Vec<f64> = (0..12).map(|_| normal(&mut dice)).collect();
        sign_flip::test(&run, 0.0).unwrap().p <= 0.05
    });

    let wrong = wrong.count();
    assert!((145..255).contains(&wrong), "{wrong} of 4000");
}
