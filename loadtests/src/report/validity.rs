//! The validity checks, and which of them did not hold.

use crate::overhead::outcome::Outcome;
use crate::overhead::record::{Invalid, Rule};

/// Every rule with what it asks, in the order in which reports list them.
pub(super) const RULES: [(Rule, &str); 9] = [
    (Rule::BadAnswer, "every answer is what the workload calls good"),
    (Rule::AnswersDiffer, "all arms answer the same request alike"),
    (Rule::SpansLost, "every span that should have arrived has"),
    (Rule::SpansUnexplained, "no span arrived that nobody can explain"),
    (Rule::RequestsDiffer, "all arms did the same work"),
    (Rule::TooFewRequests, "every launch has enough requests"),
    (Rule::ArmDied, "every arm was there to the end"),
    (Rule::AaDiffers, "two identical arms cost the same"),
    (Rule::NotMeasured, "every figure could be had"),
];

/// The rule as JSON spells it.
pub(super) fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::BadAnswer => "bad-answer",
        Rule::AnswersDiffer => "answers-differ",
        Rule::SpansLost => "spans-lost",
        Rule::SpansUnexplained => "spans-unexplained",
        Rule::RequestsDiffer => "requests-differ",
        Rule::TooFewRequests => "too-few-requests",
        Rule::ArmDied => "arm-died",
        Rule::AaDiffers => "aa-differs",
        Rule::NotMeasured => "not-measured",
    }
}

/// What did not hold: of the run, then of launches where the run does not say it already.
pub(super) fn failed(outcome: &Outcome) -> Vec<&Invalid> {
    let mut failed: Vec<&Invalid> = Vec::new();
    for invalid in outcome.invalid.iter().chain(outcome.launches.iter().flat_map(|launch| &launch.invalid)) {
        if !failed.contains(&invalid) {
            failed.push(invalid);
        }
    }
    failed
}

/// `spans-lost (on): 120 of 45000 spans are missing…`
pub(super) fn sentence(invalid: &Invalid) -> String {
    let arm = invalid.arm.as_ref().map(|arm| format!(" ({arm})")).unwrap_or_default();
    format!("{}{arm}: {}", name(invalid.rule), invalid.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_listed_by_the_name_json_gives_it() {
        for (rule, asks) in RULES {
            assert_eq!(serde_json::to_value(rule).unwrap(), name(rule), "{asks}");
        }
        let mut rules = RULES.map(|(rule, _)| rule);
        rules.sort_unstable();
        assert!(rules.windows(2).all(|pair| pair[0] < pair[1]), "{rules:?}");
    }
}
