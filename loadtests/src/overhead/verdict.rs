//! The verdict on the launches of a run.

use super::advice::{self, Situation};
use super::effect::{self, mean, ratio};
use super::outcome::{Cost, Effect, Look, OverheadVerdict, Protocol};
use super::plan::{Plan, PlanError, Ratios, Says};
use super::record::{Invalid, Launch};
use super::validity;
use crate::stats::student::{self, Interval};
use crate::stats::{Sample, power, sign_flip};

/// Which arms are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arms {
    /// The one whose cost is judged.
    pub main: String,
    /// What it is compared with.
    pub baseline: String,
    /// The same as the baseline.
    pub same: String,
}

impl Default for Arms {
    fn default() -> Self {
        let [main, baseline, same] = [Protocol::ON, Protocol::OFF, Protocol::SAME].map(str::to_owned);
        Self { main, baseline, same }
    }
}

impl Arms {
    /// The log-ratio of an arm in a launch: of the baseline's twin over the baseline, of any other arm over both.
    #[must_use]
    pub fn log_ratio(&self, launch: &Launch, arm: &str) -> Option<f64> {
        if arm == self.same || arm == self.baseline {
            return launch.log_ratio(arm, &self.baseline);
        }
        launch.log_ratio_to_both(arm, [&self.baseline, &self.same])
    }

    /// The log-ratios of an arm, of every launch that has one.
    pub(super) fn log_ratios<'a>(&self, launches: impl IntoIterator<Item = &'a Launch>, arm: &str) -> Vec<f64> {
        launches.into_iter().filter_map(|launch| self.log_ratio(launch, arm)).collect()
    }
}

/// What to do after a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// One more launch.
    GoOn,
    /// One more launch, as part of the confirmation: `Launch::confirmation` is true.
    Confirm,
    /// No more launches: the verdict stands.
    Done,
}

/// Decides, launch by launch, and at the end. It keeps no state: all it says follows from the launches it is given.
#[derive(Clone, Debug)]
pub struct Judge {
    plan: Plan,
    arms: Arms,
    cores: Option<usize>,
}

/// What launches prove: the part of an `Outcome` that follows from them.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    /// The verdict.
    pub verdict: OverheadVerdict,
    /// Why, in sentences; may be empty for PASS and FAIL.
    pub reasons: Vec<String>,
    /// What a person could do to get a verdict, if there is none.
    pub help: Vec<String>,
    /// Cost of the main arm, by the last run of which there are two launches (the confirmation, if there was one, was not
    /// chosen for being above the budget); `None` without.
    pub cost: Option<Cost>,
    /// Difference of the two identical arms in the same run.
    pub same: Option<Effect>,
    /// Standard deviation of its log-ratio over launches.
    pub same_sd: Option<f64>,
    /// The smallest cost above the budget, as a fraction to add to it, that the run would have told 9 times in 10.
    pub detectable: Option<f64>,
    /// Every look of the first run, then of the confirmation.
    pub looks: Vec<Look>,
    /// Which validity checks did not hold.
    pub invalid: Vec<Invalid>,
}

/// The launches so far, run by run.
struct Heard {
    first: (Says, u32),
    second: (Says, u32),
    looks: Vec<Look>,
}

impl Judge {
    /// A judge of the default arms.
    ///
    /// # Errors
    /// If the protocol makes no plan.
    pub fn new(protocol: &Protocol) -> Result<Self, PlanError> {
        Ok(Self { plan: Plan::new(protocol)?, arms: Arms::default(), cores: None })
    }

    /// Other arms.
    #[must_use]
    pub fn comparing(mut self, arms: Arms) -> Self {
        self.arms = arms;
        self
    }

    /// How many processors the experiment has, for its advice.
    #[must_use]
    pub fn on_cores(mut self, cores: usize) -> Self {
        self.cores = Some(cores);
        self
    }

    /// The plan it goes by.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What to do after these launches, in the order they were made; none is right too.
    #[must_use]
    pub fn next(&self, launches: &[Launch]) -> Step {
        if !validity::check(launches, &self.arms).is_empty() {
            return Step::Done;
        }
        let heard = self.hear(launches);
        match (heard.first.0, heard.second.0) {
            (Says::NotYet, _) => Step::GoOn,
            (Says::Above, Says::NotYet) if self.plan.confirm() => Step::Confirm,
            _ => Step::Done,
        }
    }

    /// What these launches prove. Launches may be fewer than planned: a run that was interrupted is INCONCLUSIVE unless it
    /// had decided.
    #[must_use]
    pub fn conclude(&self, launches: &[Launch]) -> Conclusion {
        let heard = self.hear(launches);
        let last = last_run(launches);
        let sample = |arm| Sample::of(&self.arms.log_ratios(&last, arm)).ok();
        let (sample, same) = (sample(&self.arms.main), sample(&self.arms.same));
        let mut conclusion = Conclusion {
            verdict: OverheadVerdict::Inconclusive,
            reasons: Vec::new(),
            help: Vec::new(),
            cost: sample.and_then(|sample| self.cost(&last, &sample)),
            same: effect::of(&self.arms.log_ratios(&last, &self.arms.same), self.plan.level()).ok(),
            same_sd: same.map(|same| same.sd()),
            detectable: sample.and_then(|sample| self.detectable(&sample)),
            invalid: self.invalid(launches, &heard),
            looks: heard.looks,
        };
        let situation = match (heard.first, heard.second, self.plan.confirm()) {
            _ if !conclusion.invalid.is_empty() => {
                conclusion.verdict = OverheadVerdict::Invalid;
                conclusion.reasons = conclusion.invalid.iter().map(|invalid| invalid.message.clone()).collect();
                return conclusion;
            }
            ((Says::Below, _), _, _) => Situation::Decided(OverheadVerdict::Pass),
            ((Says::Above, _), _, false) | ((Says::Above, _), (Says::Above, _), true) => {
                Situation::Decided(OverheadVerdict::Fail)
            }
            ((Says::Above, _), (Says::NotYet, _), true) => Situation::NotConfirmed,
            ((Says::Above, _), _, true) => Situation::Contradicted,
            ((Says::NotYet, _), _, _) => Situation::Stopped { launches: last.len() },
            ((Says::Nothing | Says::SameDiffer, _), _, _) => Situation::Undecided,
        };
        if let Situation::Decided(verdict) = situation {
            conclusion.verdict = verdict;
        }
        let noise = advice::Noise { cost: sample, same, cores: self.cores };
        advice::give(&mut conclusion, &self.plan, situation, &noise);
        conclusion
    }

    fn hear(&self, launches: &[Launch]) -> Heard {
        let mut looks = Vec::new();
        let [first, second] = [false, true].map(|confirmation| {
            let part = || launches.iter().filter(|launch| launch.confirmation == confirmation);
            let cost = self.arms.log_ratios(part(), &self.arms.main);
            let same = self.arms.log_ratios(part(), &self.arms.same);
            self.plan.hear(Ratios { cost: &cost, same: &same }, |seen| {
                let effect = seen.interval.into();
                looks.push(Look { launches: seen.launches, confirmation, effect, decided: seen.decided });
            })
        });
        Heard { first, second, looks }
    }

    fn invalid(&self, launches: &[Launch], heard: &Heard) -> Vec<Invalid> {
        let mut invalid = validity::check(launches, &self.arms);
        if launches.is_empty() {
            invalid.push(validity::nothing());
        }
        for ((says, after), confirmation) in [(heard.first, false), (heard.second, true)] {
            if says == Says::SameDiffer {
                let part = launches.iter().filter(|launch| launch.confirmation == confirmation);
                let part = part.take(usize::try_from(after).unwrap_or(usize::MAX));
                let effect = effect::of(&self.arms.log_ratios(part, &self.arms.same), self.plan.guard_level());
                let effect = effect.map_or_else(|error| error.to_string(), |effect| advice::interval(&effect));
                invalid.push(validity::same_differ(&self.arms, after, &effect));
            }
        }
        invalid
    }

    fn cost(&self, launches: &[Launch], sample: &Sample) -> Option<Cost> {
        let Arms { main, baseline, same } = &self.arms;
        let interval: Interval = student::interval(sample, self.plan.level())?;
        let added = |launch: &Launch| {
            let [main, baseline, same] = [main, baseline, same].map(|arm| launch.cpu_per_request(arm));
            Some(main? - f64::midpoint(baseline?, same?))
        };
        let micros_per_request = mean(launches.iter().filter_map(added)) / 1000.0;
        let records = || launches.iter().filter_map(|launch| launch.arm(main));
        let (spans, requests) =
            records().fold((0, 0), |(spans, requests), record| (spans + record.spans, requests + record.requests));
        let spans_per_request = ratio(spans, requests, 0.0);
        Some(Cost {
            effect: interval.into(),
            confidence: self.plan.confidence(),
            micros_per_request,
            micros_per_span: (spans > 0).then(|| micros_per_request / spans_per_request),
            spans_per_request,
            sign_flip_p: sign_flip::test(&self.arms.log_ratios(launches, main), self.plan.limit())?.p,
        })
    }

    fn detectable(&self, sample: &Sample) -> Option<f64> {
        let distance = power::detectable(sample, self.plan.level())?;
        Some((1.0 + self.plan.budget()) * distance.exp_m1())
    }
}

/// The confirmation, or the first run as long as the confirmation has no two launches.
fn last_run(launches: &[Launch]) -> Vec<Launch> {
    let part = |confirmation| launches.iter().filter(move |launch| launch.confirmation == confirmation).cloned();
    let confirmation: Vec<_> = part(true).collect();
    if confirmation.len() < 2 { part(false).collect() } else { confirmation }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
