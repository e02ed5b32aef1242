//! Bounds on numbers the driver recorded, such as retrieval quality.

use super::{Check, Index};
use crate::contract::{Contract, FactRule};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "facts",
    about: "numbers the driver recorded reach their bounds",
    unit: "numbers",
    wanted: |_, contract| !contract.facts.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    contract.facts.iter().map(|rule| judge(index, rule, findings)).sum()
}

fn judge(index: &Index<'_>, rule: &FactRule, findings: &mut Vec<Finding>) -> u64 {
    let numbers = index
        .requests()
        .filter(|exchange| rule.scenario.as_ref().is_none_or(|name| *name == exchange.scenario))
        .filter_map(|exchange| exchange.facts.get(&rule.fact));
    let (count, sum) = numbers.fold((0_u64, 0.0), |(count, sum), number| (count + 1, sum + number));
    #[expect(clippy::cast_precision_loss, reason = "a run has far fewer than 2^53 requests")]
    let mean = sum / count as f64;

    let scenario = rule.scenario.as_deref().unwrap_or("all scenarios");
    let finding =
        |message: String| {
            Finding::violation("fact.below", Signal::Exchange, format!("{scenario} / {}", rule.fact), message)
                .at(Place { scenario: rule.scenario.clone(), path: rule.fact.clone(), ..Place::default() })
        };
    if !rule.over.contains(count) {
        findings.push(
            finding(format!("`{}` was recorded for {count} requests", rule.fact))
                .wanted(format!("{} requests", rule.over))
                .found(count.to_string())
                .hint("drive the scenario as often as the contract says, or mend `over`"),
        );
    } else if mean < rule.mean_at_least || (mean.is_nan() && count > 0) {
        findings.push(
            finding(format!("the mean of `{}` over {count} requests is too low", rule.fact))
                .wanted(format!("at least {}", rule.mean_at_least))
                .found(format!("{mean:.4}"))
                .hint("the telemetry may be right and the service still do its work badly: look at the answers"),
        );
    }
    count
}
