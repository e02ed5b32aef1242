//! What is told in tables, whoever draws them.

use super::figures::{self, NOT_MEASURED, delivered, difference, latency, memory, micros, per_request};
use super::table::Table;
use super::validity::{self, RULES};
use crate::overhead::outcome::{Look, Outcome, OverheadVerdict, Protocol};
use crate::overhead::record::Launch;
use crate::overhead::verdict::Arms;

/// What each arm cost.
pub(super) fn arms(outcome: &Outcome) -> Table {
    let budget = outcome.protocol.budget;
    let mut table = Table::new([
        "arm",
        ">CPU a request",
        ">against the baseline",
        ">spans a request",
        ">delivered",
        ">most memory",
    ]);
    for arm in &outcome.arms {
        let against = match &arm.effect {
            Some(effect) => difference(effect, budget),
            None if arm.arm == Protocol::OFF => "baseline".to_owned(),
            None => NOT_MEASURED.to_owned(),
        };
        let sends = arm.spans_per_request > 0.0 || arm.delivered < 1.0;
        table.rows.push(vec![
            arm.arm.clone(),
            micros(Some(arm.micros_per_request)),
            against,
            if sends { per_request(arm.spans_per_request) } else { "none".to_owned() },
            if sends { delivered(arm.delivered) } else { String::new() },
            memory(arm.rss_bytes),
        ]);
    }
    table
}

/// In which variables the arms differ; no row for an arm that changes none.
pub(super) fn environments(outcome: &Outcome) -> Table {
    let mut table = Table::new(["arm", "variable", "value"]);
    for arm in &outcome.arms {
        table.rows.extend(arm.env.iter().map(|(name, value)| vec![arm.arm.clone(), name.clone(), value.clone()]));
    }
    table
}

/// Every look.
pub(super) fn looks(outcome: &Outcome) -> Table {
    let mut table = Table::new(["run", ">launches", ">CPU overhead", "decided"]);
    for Look { launches, confirmation, effect, decided } in &outcome.looks {
        let decided = match decided {
            OverheadVerdict::Inconclusive => "nothing yet".to_owned(),
            decided => decided.to_string(),
        };
        table.rows.push(vec![
            if *confirmation { "confirmation" } else { "first" }.to_owned(),
            launches.to_string(),
            figures::effect(effect, outcome.protocol.budget),
            decided,
        ]);
    }
    table
}

/// Every launch.
pub(super) fn launches(outcome: &Outcome) -> Table {
    let mut table = Table::new([
        ">launch",
        "run",
        ">on/off",
        ">off again/off",
        ">requests (on)",
        ">off",
        ">on",
        ">p50 off",
        ">p50 on",
        ">p99 off",
        ">p99 on",
        "not valid because",
    ]);
    let arms = Arms::default();
    let ratio = |launch: &Launch, arm| match arms.log_ratio(launch, arm) {
        Some(log) => format!("{}{}", if log >= 0.0 { "+" } else { "" }, figures::percent(log.exp_m1(), 2)),
        None => NOT_MEASURED.to_owned(),
    };
    let cpu = |launch: &Launch, arm| micros(launch.cpu_per_request(arm).map(|nanos| nanos / 1_000.0));
    for launch in &outcome.launches {
        let record = |arm, read: fn(&crate::overhead::record::ArmRecord) -> u64, show: fn(u64) -> String| {
            launch.arm(arm).map(read).filter(|figure| *figure > 0).map_or(NOT_MEASURED.to_owned(), show)
        };
        table.rows.push(vec![
            launch.number.to_string(),
            if launch.confirmation { "confirmation" } else { "first" }.to_owned(),
            ratio(launch, Protocol::ON),
            ratio(launch, Protocol::SAME),
            record(Protocol::ON, |arm| arm.requests, |number| number.to_string()),
            cpu(launch, Protocol::OFF),
            cpu(launch, Protocol::ON),
            record(Protocol::OFF, |arm| arm.latency.p50, latency),
            record(Protocol::ON, |arm| arm.latency.p50, latency),
            record(Protocol::OFF, |arm| arm.latency.p99, latency),
            record(Protocol::ON, |arm| arm.latency.p99, latency),
            launch.invalid.iter().map(validity::sentence).collect::<Vec<_>>().join("; "),
        ]);
    }
    table
}

/// Every validity check with what came of it.
pub(super) fn validity(outcome: &Outcome) -> Table {
    let mut table = Table::new(["check", "asks", "result"]);
    let failed = validity::failed(outcome);
    for (rule, asks) in RULES {
        let of_rule: Vec<String> = failed
            .iter()
            .filter(|invalid| invalid.rule == rule)
            .map(|invalid| {
                let arm = invalid.arm.as_ref().map(|arm| format!("{arm}: ")).unwrap_or_default();
                format!("{arm}{}", invalid.message)
            })
            .collect();
        let result = match (of_rule.is_empty(), outcome.launches.is_empty()) {
            (false, _) => format!("DOES NOT HOLD. {}", of_rule.join("; ")),
            (true, true) => "nothing to examine".to_owned(),
            (true, false) => "holds".to_owned(),
        };
        table.rows.push(vec![validity::name(rule).to_owned(), asks.to_owned(), result]);
    }
    table
}
