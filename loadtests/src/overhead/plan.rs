//! The plan of an experiment: when it is looked, and what a look decides.

use super::outcome::{OverheadVerdict, Protocol};
use crate::stats::student::{self, Interval};
use crate::stats::{Sample, looks};

/// After how many launches the full experiment is looked at. Before 8 the quantile of t is large; a run of 40 takes
/// about three minutes.
pub const LOOKS: [u32; 5] = [8, 16, 24, 32, 40];

/// The one-sided level of each of [`LOOKS`]: over all five, each limit is wrong in 1 of 100 runs (`stats::looks`).
pub const LEVEL: f64 = 0.0029;

/// The A/A guard calls at most this share of sound runs INVALID.
pub const GUARD_FALSE_ALARMS: f64 = 0.001;

/// What is judged, when and how strictly.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    budget: f64,
    level: f64,
    confirm: bool,
    confidence: f64,
    guard_level: f64,
    looks: Vec<PlannedLook>,
}

/// Why a protocol makes no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// The budget is none.
    #[error("a budget of {budget} cannot be held: give a fraction above 0 and at most 1, such as 0.05 for 5 %")]
    Budget {
        /// What it is.
        budget: f64,
    },
    /// The looks make no sense.
    #[error("looks after {looks:?} launches make no plan: give at least one number, ascending, the first at least 2")]
    Looks {
        /// What they are.
        looks: Vec<u32>,
    },
    /// The level is none.
    #[error("a level of {level} decides nothing: give a probability above 0 and below 0.5, such as 0.0029")]
    Level {
        /// What it is.
        level: f64,
    },
}

/// A look with its quantiles of t.
#[derive(Clone, Copy, Debug, PartialEq)]
struct PlannedLook {
    launches: u32,
    critical: f64,
    guard: f64,
}

/// The log-ratios of a run, launch by launch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ratios<'a> {
    /// The main arm over the baseline.
    pub(super) cost: &'a [f64],
    /// Two identical arms.
    pub(super) same: &'a [f64],
}

/// What one run says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// A launch more is needed before the next look.
    NotYet,
    /// The interval is below the budget.
    Below,
    /// The interval is above the budget.
    Above,
    /// Two identical arms differ.
    SameDiffer,
    /// The last look was made, and nothing decided.
    Nothing,
}

/// What a run saw at a look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) launches: u32,
    pub(super) interval: Interval,
    pub(super) decided: OverheadVerdict,
}

impl Plan {
    /// The plan of a protocol.
    pub fn new(protocol: &Protocol) -> Result<Self, PlanError> {
        let &Protocol { budget, level, confirm, .. } = protocol;
        if !(budget > 0.0 && budget <= 1.0) {
            return Err(PlanError::Budget { budget });
        }
        if !(level > 0.0 && level < 0.5) {
            return Err(PlanError::Level { level });
        }
        let no_looks = || PlanError::Looks { looks: protocol.looks.clone() };
        let wrong = looks::overall(level, &protocol.looks).ok_or_else(no_looks)?;
        // Two sides, each look, and a second run: by Bonferroni's inequality never more often than promised, however
        // much looks depend on each other and on the verdict. For the full protocol 0.001 / (2 * 5 * 2) = 0.00005.
        let runs = if confirm { 2 } else { 1 };
        let chances = protocol.looks.len().saturating_mul(2 * runs);
        let guard_level = u32::try_from(chances).map(|chances| GUARD_FALSE_ALARMS / f64::from(chances));
        let guard_level = guard_level.map_err(|_| no_looks())?;
        let planned = |&launches: &u32| {
            let n = usize::try_from(launches).ok()?;
            let (critical, guard) = (student::critical(level, n)?, student::critical(guard_level, n)?);
            Some(PlannedLook { launches, critical, guard })
        };
        let looks: Option<Vec<_>> = protocol.looks.iter().map(planned).collect();
        Ok(Self { budget, level, confirm, confidence: 1.0 - wrong, guard_level, looks: looks.ok_or_else(no_looks)? })
    }

    /// The budget, as a fraction.
    #[must_use]
    pub fn budget(&self) -> f64 {
        self.budget
    }

    /// One-sided level of each look.
    #[must_use]
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Whether a FAIL has to be confirmed by a second run.
    #[must_use]
    pub fn confirm(&self) -> bool {
        self.confirm
    }

    /// Confidence of a verdict: 1 less the chance that a limit is wrong at any look. 0.99 for the full protocol.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.confidence
    }

    /// One-sided level of the A/A guard at each look.
    #[must_use]
    pub fn guard_level(&self) -> f64 {
        self.guard_level
    }

    /// After how many launches it is looked.
    pub fn looks(&self) -> impl Iterator<Item = u32> + '_ {
        self.looks.iter().map(|look| look.launches)
    }

    /// The most launches a run takes; a confirmation as many again.
    #[must_use]
    pub fn longest(&self) -> u32 {
        self.looks().last().unwrap_or(0)
    }

    /// Whether it is too short to count as the full experiment: its last look comes before the first of [`LOOKS`].
    #[must_use]
    pub fn is_quick(&self) -> bool {
        self.longest() < LOOKS[0]
    }

    /// The looks of a plan that is as this one, but goes on to `longest` launches. The same level is right for it: the
    /// chance over all looks depends on their proportions only.
    #[must_use]
    pub fn stretched(&self, longest: u32) -> Vec<u32> {
        let stretch = |look| (u64::from(longest) * u64::from(look)).div_ceil(u64::from(self.longest().max(1)));
        self.looks().map(|look| u32::try_from(stretch(look)).unwrap_or(u32::MAX)).collect()
    }

    /// The budget as a log-ratio.
    pub(super) fn limit(&self) -> f64 {
        self.budget.ln_1p()
    }

    /// The interval at each look that these log-ratios reach, and after how many launches.
    pub(super) fn intervals(&self, values: &[f64]) -> impl Iterator<Item = (u32, Interval)> {
        self.at_looks(values, |look| look.critical)
    }

    /// The intervals of the A/A guard.
    pub(super) fn guards(&self, values: &[f64]) -> impl Iterator<Item = Interval> {
        self.at_looks(values, |look| look.guard).map(|(_, interval)| interval)
    }

    fn at_looks(&self, values: &[f64], t: fn(&PlannedLook) -> f64) -> impl Iterator<Item = (u32, Interval)> {
        self.looks.iter().filter_map(move |look| {
            let sample = Sample::of(values.get(..usize::try_from(look.launches).ok()?)?).ok()?;
            Some((look.launches, student::interval_at(&sample, t(look))))
        })
    }

    /// What these launches say, and how many it took; `seen` is told of every look.
    pub(super) fn hear(&self, ratios: Ratios<'_>, mut seen: impl FnMut(Seen)) -> (Says, u32) {
        for look in &self.looks {
            let upto = usize::try_from(look.launches).unwrap_or(usize::MAX);
            let (Some(cost), Some(same)) = (ratios.cost.get(..upto), ratios.same.get(..upto)) else {
                return (Says::NotYet, look.launches);
            };
            // What is no sample is found and named by the validity checks.
            let Ok(cost) = Sample::of(cost) else { continue };
            let interval = student::interval_at(&cost, look.critical);
            let decided = match () {
                () if interval.upper < self.limit() => OverheadVerdict::Pass,
                () if interval.lower > self.limit() => OverheadVerdict::Fail,
                () => OverheadVerdict::Inconclusive,
            };
            seen(Seen { launches: look.launches, interval, decided });
            // The guard comes first: what identical arms do not agree on, no other arms can show.
            if Sample::of(same).is_ok_and(|same| !student::interval_at(&same, look.guard).contains(0.0)) {
                return (Says::SameDiffer, look.launches);
            }
            match decided {
                OverheadVerdict::Pass => return (Says::Below, look.launches),
                OverheadVerdict::Fail => return (Says::Above, look.launches),
                OverheadVerdict::Inconclusive | OverheadVerdict::Invalid => {}
            }
        }
        (Says::Nothing, self.longest())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::overhead::effect::log_ratios;
    use crate::overhead::launches::Synthetic;

    /// The full protocol with this budget.
    pub(in crate::overhead) fn protocol(budget: f64) -> Protocol {
        Protocol {
            budget,
            looks: LOOKS.to_vec(),
            level: LEVEL,
            measured_ms: 2000,
            warm_up_ms: 1000,
            concurrency: 2,
            seed: 1,
            confirm: true,
        }
    }

    #[test]
    fn the_full_protocol_is_99_percent_sure() {
        let plan = Plan::new(&protocol(0.05)).unwrap();

        assert!((plan.confidence() - 0.99).abs() < 0.001, "{plan:?}");
        assert!((plan.guard_level() - 0.00005).abs() < 1e-12, "{plan:?}");
        assert_eq!((plan.longest(), plan.is_quick()), (40, false));
    }

    #[test]
    fn a_budget_that_is_none_is_refused_with_an_example() {
        for budget in [0.0, -0.05, 1.01, f64::NAN, f64::INFINITY] {
            let error = Plan::new(&protocol(budget)).unwrap_err();

            assert!(error.to_string().contains("such as 0.05 for 5 %"), "{error}");
        }
        assert!(Plan::new(&protocol(1.0)).is_ok());
    }

    #[test]
    fn looks_that_make_no_sense_are_refused() {
        for looks in [vec![], vec![1, 8], vec![8, 8], vec![12, 8], vec![0]] {
            let error = Plan::new(&Protocol { looks: looks.clone(), ..protocol(0.05) }).unwrap_err();

            assert_eq!(error, PlanError::Looks { looks });
        }
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        for level in [0.0, -1.0, 0.5, f64::NAN] {
            let error = Plan::new(&Protocol { level, ..protocol(0.05) }).unwrap_err();

            assert!(matches!(error, PlanError::Level { .. }), "{error}");
        }
    }

    #[test]
    fn a_longer_plan_looks_at_the_same_proportions() {
        let plan = Plan::new(&protocol(0.05)).unwrap();

        assert_eq!(plan.stretched(80), [16, 32, 48, 64, 80]);
        assert_eq!(plan.stretched(52), [11, 21, 32, 42, 52]);
    }

    #[test]
    fn the_guard_rarely_calls_a_sound_run_invalid() {
        let plan = Plan::new(&protocol(0.05)).unwrap();

        // Promised: at most 1 in 1,000 of a run and its confirmation, so half of that in one.
        let invalid = (0..4000).filter(|seed| {
            let same = log_ratios(&Synthetic::costing(0.05).seeded(*seed).launches(40), "off again", "off");
            plan.guards(&same).any(|interval| !interval.contains(0.0))
        });

        assert!(invalid.count() <= 7);
    }
}
