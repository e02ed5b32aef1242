//! Runs made up of launches that were really made.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::Pair;
use crate::overhead::outcome::OverheadVerdict;
use crate::overhead::plan::{Plan, Ratios, Says};
use crate::overhead::record::Launch;
use crate::stats::Rate;

/// Draws runs, and judges them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resampler<'a> {
    pub(super) plan: &'a Plan,
    pub(super) runs: u32,
    pub(super) seed: u64,
}

/// Observations of a launch: of the cost, and of two identical arms.
pub(super) type Observation = (f64, f64);

impl Resampler<'_> {
    /// Calls with a run of full length as often as there are runs.
    fn each(&self, from: &[Observation], mut run: impl FnMut(&mut Dice<'_>)) {
        let mut dice = Dice { numbers: SmallRng::seed_from_u64(self.seed), from, cost: Vec::new(), same: Vec::new() };
        for _ in 0..self.runs {
            run(&mut dice);
        }
    }

    /// How often something is true of a run.
    pub(super) fn rate(&self, of: &[f64], mut happens: impl FnMut(&[f64]) -> bool) -> Option<Rate> {
        let from: Vec<Observation> = of.iter().map(|value| (*value, 0.0)).collect();
        let mut hits = 0;
        self.each(&from, |dice| hits += u32::from(happens(dice.draw(self.plan.longest()).cost)));
        Rate::new(hits, self.runs)
    }

    /// Calls with the verdict on each run, and the launches it took. Where the plan says so, a FAIL is confirmed by a run
    /// drawn independently.
    pub(super) fn verdicts(&self, from: &[Observation], confirm: bool, mut verdict: impl FnMut(OverheadVerdict, u32)) {
        self.each(from, |dice| {
            let (says, launches) = self.plan.hear(dice.draw(self.plan.longest()), |_| {});
            let (says, launches) = match says {
                Says::Above if confirm => {
                    let (second, more) = self.plan.hear(dice.draw(self.plan.longest()), |_| {});
                    // Below or nothing contradicts; that is no PASS.
                    (if second == Says::Below { Says::Nothing } else { second }, launches + more)
                }
                says => (says, launches),
            };
            let outcome = match says {
                Says::Below => OverheadVerdict::Pass,
                Says::Above => OverheadVerdict::Fail,
                Says::SameDiffer => OverheadVerdict::Invalid,
                Says::NotYet | Says::Nothing => OverheadVerdict::Inconclusive,
            };
            verdict(outcome, launches);
        });
    }

    /// How often the verdict is FAIL.
    pub(super) fn fails(&self, of: &[f64], confirm: bool) -> Option<Rate> {
        // Without the guard: it is not the cost's own business.
        let from: Vec<Observation> = of.iter().map(|value| (*value, 0.0)).collect();
        let mut fails = 0;
        self.verdicts(&from, confirm, |verdict, _| fails += u32::from(verdict == OverheadVerdict::Fail));
        Rate::new(fails, self.runs)
    }
}

struct Dice<'a> {
    numbers: SmallRng,
    from: &'a [Observation],
    cost: Vec<f64>,
    same: Vec<f64>,
}

impl Dice<'_> {
    fn draw(&mut self, number: u32) -> Ratios<'_> {
        self.cost.clear();
        self.same.clear();
        for _ in 0..number {
            let (cost, same) = self.from[self.numbers.random_range(0..self.from.len())];
            self.cost.push(cost);
            self.same.push(same);
        }
        Ratios { cost: &self.cost, same: &self.same }
    }
}

/// The log-ratios of a pair, of every launch that has it.
pub(super) fn ratios(launches: &[&Launch], pair: &Pair) -> Vec<f64> {
    launches.iter().filter_map(|launch| launch.log_ratio(&pair.arm, &pair.baseline)).collect()
}

/// The same noise around another mean.
pub(super) fn centred(values: &[f64], mean: f64) -> Vec<f64> {
    let shift = mean - crate::overhead::effect::mean(values.iter().copied());
    values.iter().map(|value| value + shift).collect()
}
