//! Whether telemetry has become dearer since another commit.
//!
//! Four arms decide: ON and OFF of both commits. What counts is how much dearer ON is than OFF, now over then, so that a
//! change which makes the service itself slower or faster does not look like one of its telemetry.

use serde::{Deserialize, Serialize};

use super::outcome::{Effect, Outcome, OverheadVerdict, Protocol};
use super::verdict::Arms;
use crate::stats::{Sample, student};

/// How telemetry's cost has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Against {
    /// The other commit.
    pub rev: String,
    /// The factor ON/OFF of now over that of then, less 1: 0.01 is one percent more for the same request.
    pub change: Effect,
}

/// The names of the other commit's arms: ON and OFF.
#[must_use]
pub fn names(rev: &str) -> [String; 2] {
    [format!("{} of {rev}", Protocol::ON), format!("{} of {rev}", Protocol::OFF)]
}

/// Judges the change since `rev`, and lets it be part of the outcome: telemetry that has become dearer beyond doubt is a
/// FAIL, whatever the budget says.
pub fn judge(outcome: &mut Outcome, rev: &str) {
    let [on, off] = names(rev);
    let arms = Arms::default();
    let ratios: Option<Vec<f64>> = outcome
        .launches
        .iter()
        .map(|launch| Some(arms.log_ratio(launch, Protocol::ON)? - launch.log_ratio(&on, &off)?))
        .collect();
    let interval = ratios.and_then(|ratios| {
        let sample = Sample::of(&ratios).ok()?;
        Some((sample.mean(), student::interval(&sample, outcome.protocol.level)?))
    });
    let Some((mean, interval)) = interval else {
        outcome
            .reasons
            .push(format!("nothing can be said of {rev}: its arms were not measured in at least two launches"));
        return;
    };
    let change = Effect { estimate: mean.exp_m1(), lower: interval.lower.exp_m1(), upper: interval.upper.exp_m1() };
    let [estimate, lower, upper] = [change.estimate, change.lower, change.upper].map(|part| 100.0 * part);
    let figures = format!("{estimate:+.1} % [{lower:.1}, {upper:.1}]");
    if change.lower > 0.0 && outcome.verdict != OverheadVerdict::Invalid {
        outcome.verdict = OverheadVerdict::Fail;
        outcome.reasons.push(format!("telemetry has become dearer since {rev}: {figures}"));
    } else if change.upper < 0.0 {
        outcome.reasons.push(format!("telemetry has become cheaper since {rev}: {figures}"));
    } else {
        outcome.reasons.push(format!("no change of telemetry's cost since {rev} is seen: {figures}"));
    }
    outcome.against = Some(Against { rev: rev.to_owned(), change });
}
