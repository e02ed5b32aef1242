//! What a conclusion says in words: why there is no verdict, and what would give one.

use super::outcome::{Effect, OverheadVerdict};
use super::plan::{LOOKS, Plan};
use super::verdict::Conclusion;
use crate::stats::{Sample, power};

/// A run of so many launches is the longest that is recommended: some ten minutes.
const MOST: usize = 160;

/// Identical arms that differ by more than this from launch to launch are called noisy: with it, 40 launches tell a
/// point from the budget. On two quiet cores it is about 0.003.
const NOISY: f64 = 0.015;

/// How much more the cost may vary than the difference of identical arms before it is said that it does.
const UNSTEADY: f64 = 2.0;

/// A sign-flip p above this doubts an interval that decided: with launches all on one side it is 2 / 2^n, 0.008 for 8.
const DOUBTS: f64 = 0.02;

/// With fewer launches no p is below [`DOUBTS`].
const DOUBTS_FROM: usize = 7;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Situation {
    /// With a verdict.
    Decided(OverheadVerdict),
    /// Before its next look.
    Stopped { launches: usize },
    /// After its last look.
    Undecided,
    /// Above the budget, and the confirmation ended before it said anything.
    NotConfirmed,
    /// Above the budget, and the confirmation says otherwise.
    Contradicted,
}

/// What is known of the noise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    pub(super) cost: Option<Sample>,
    pub(super) same: Option<Sample>,
    pub(super) cores: Option<usize>,
}

/// A fraction as a percentage.
pub(super) fn percent(fraction: f64) -> String {
    format!("{:.1} %", 100.0 * fraction)
}

/// An effect with its interval.
pub(super) fn interval(effect: &Effect) -> String {
    let [lower, upper] = [effect.lower, effect.upper].map(|limit| 100.0 * limit);
    format!("{} [{lower:.1}, {upper:.1}]", percent(effect.estimate))
}

/// Fills in reasons and help.
pub(super) fn give(conclusion: &mut Conclusion, plan: &Plan, situation: Situation, noise: &Noise) {
    if let Situation::Decided(_) = situation {
        conclusion.reasons.extend(doubt(conclusion, noise));
        return;
    }
    conclusion.reasons.extend(reason(conclusion, plan, situation));
    if plan.is_quick() {
        conclusion.reasons.push(format!(
            "a quick look of at most {} launches cannot prove a budget of {} here: {}",
            plan.longest(),
            percent(plan.budget()),
            match conclusion.detectable {
                Some(points) => format!("it tells only costs at least {:.1} points away from it", 100.0 * points),
                None => "it takes two launches to tell anything".to_owned(),
            }
        ));
        let looks = LOOKS.map(|look| look.to_string()).join(", ");
        conclusion.help.push(format!(
            "run the full experiment: it looks after {looks} launches and stops at the first that decides"
        ));
    }
    match situation {
        Situation::Stopped { .. } => conclusion.help.push("let the experiment run to its end".to_owned()),
        Situation::NotConfirmed => conclusion.help.push("let the confirmation run to its end".to_owned()),
        Situation::Decided(_) | Situation::Undecided | Situation::Contradicted => {}
    }
    conclusion.help.extend(longer(plan, noise));
    conclusion.help.extend(quieter(noise));
}

/// The randomisation test is less sure than the interval.
fn doubt(conclusion: &Conclusion, noise: &Noise) -> Option<String> {
    let p = conclusion.cost?.sign_flip_p;
    (noise.cost?.n() >= DOUBTS_FROM && p > DOUBTS).then(|| {
        format!(
            "the sign-flip test, which supposes no distribution, is less sure (p = {p:.3}): some launches lie on the other \
             side of the budget; look at them"
        )
    })
}

fn reason(conclusion: &Conclusion, plan: &Plan, situation: Situation) -> Option<String> {
    let budget = percent(plan.budget());
    let found = conclusion.cost.map(|cost| interval(&cost.effect));
    let first = conclusion.looks.iter().rfind(|look| !look.confirmation);
    let first = first.map_or_else(|| "above".to_owned(), |look| interval(&look.effect));
    Some(match (situation, found) {
        (Situation::Decided(_), _) => return None,
        (Situation::Stopped { launches }, None) => {
            format!("the run ended after {launches} of up to {} launches: an interval needs at least 2", plan.longest())
        }
        (Situation::Stopped { launches }, Some(found)) => format!(
            "the run ended after {launches} of up to {} launches, before a look decided: so far the cost is {found}, the \
             budget {budget}",
            plan.longest()
        ),
        (Situation::Undecided, found) => format!(
            "after {} launches the interval {} still holds the budget of {budget}",
            plan.longest(),
            found.unwrap_or_default()
        ),
        (Situation::NotConfirmed, _) => {
            format!(
                "the first run found the cost above the budget of {budget}, {first}; a FAIL needs a second run that says the same, and it ended too early"
            )
        }
        (Situation::Contradicted, found) => format!(
            "the first run found the cost above the budget of {budget}, {first}; an independent second run did not: {}",
            found.unwrap_or_default()
        ),
    })
}

/// How many launches would decide it.
fn longer(plan: &Plan, noise: &Noise) -> Option<String> {
    let sample = noise.cost?;
    let cost = percent(sample.mean().exp_m1());
    let Some(needed) = power::launches_needed(&sample, plan.limit(), plan.level(), MOST) else {
        let distance = 100.0 * (sample.mean().exp_m1() - plan.budget()).abs();
        return Some(format!(
            "a cost of {cost} is {distance:.1} points from the budget: with this noise not even {MOST} launches would tell \
             them apart; a budget further from the cost would be decided, or less noise"
        ));
    };
    let longest = u32::try_from(needed).ok()?.max(plan.longest());
    let more = needed.saturating_sub(sample.n());
    let looks: Vec<_> = plan.stretched(longest).iter().map(u32::to_string).collect();
    Some(format!(
        "if the cost is indeed {cost}, about {more} more launches would decide it 9 times in 10: a new run with looks after {} \
         launches (launches cannot be added to a run that has ended: that would be one look more than planned)",
        looks.join(", ")
    ))
}

/// What would lessen the noise.
fn quieter(noise: &Noise) -> Vec<String> {
    let mut help = Vec::new();
    let (cost, same) = (noise.cost.map(|sample| sample.sd()), noise.same.map(|sample| sample.sd()));
    if let Some(sd) = same.filter(|&sd| sd > NOISY) {
        help.push(format!(
            "identical arms differ by {} (standard deviation) from launch to launch, which is much: stop what else runs on \
             the machine, or use a quieter one or one with more cores",
            percent(sd)
        ));
    }
    if let (Some(cost), Some(same)) = (cost, same)
        && cost > UNSTEADY * same
    {
        help.push(format!(
            "the cost varies more from launch to launch ({}) than identical arms do ({}): longer launches would help",
            percent(cost),
            percent(same)
        ));
    }
    if noise.cores == Some(1) {
        help.push("there is one core, for which service, driver and collector compete: use at least two".to_owned());
    }
    help
}
