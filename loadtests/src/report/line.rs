//! The one line that ends every run.

use std::collections::BTreeSet;

use super::figures::{NOT_MEASURED, budget, delivered, effect, per_request, percent, seconds};
use super::validity;
use crate::overhead::outcome::{ArmOutcome, Cost, Outcome, OverheadVerdict, Protocol};

/// The outcome in one line, without a line break:
///
/// `OTel CPU overhead 2.4 % [1.7, 3.1] (99 %, sequential) = 9.6 µs/request, 0.6 µs/span × 15 spans; 16 launches × 7 s; A/A sd 0.31 %; smallest detectable 1.1 points; spans 100 % delivered; budget 5 % -> PASS`
///
/// Of another arm than `on`, `OTel CPU overhead of "stock SDK" 13.6 % …`.
///
/// An INVALID run proves nothing, so its line has no figure for the cost; nor has that of a run that measured none.
#[must_use]
pub fn one_line(outcome: &Outcome) -> String {
    let outcome = &super::clean::outcome(outcome);
    let protocol = &outcome.protocol;
    let same = outcome.same_sd.map_or(format!("A/A {NOT_MEASURED}"), |sd| format!("A/A sd {}", percent(sd, 2)));
    let detectable = outcome.detectable.map_or("smallest detectable not known".to_owned(), |least| {
        format!("smallest detectable {:.1} points", least * 100.0)
    });
    format!(
        "{}; {}; {same}; {detectable}; {}; budget {} -> {}",
        cost(outcome),
        launches(outcome),
        spans(outcome.arms.iter().find(|arm| arm.arm == Protocol::ON)),
        budget(protocol.budget),
        outcome.verdict,
    )
    .replace('\n', " ")
}

fn cost(outcome: &Outcome) -> String {
    let name = match &outcome.on_is {
        Some(arm) => format!("OTel CPU overhead of \"{arm}\""),
        None => "OTel CPU overhead".to_owned(),
    };
    if outcome.verdict == OverheadVerdict::Invalid {
        let rules: BTreeSet<&str> =
            validity::failed(outcome).iter().map(|invalid| validity::name(invalid.rule)).collect();
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let rules = if rules.is_empty() { rules } else { format!(" ({rules})") };
        return format!("{name} {NOT_MEASURED}{rules}");
    }
    let Some(cost) = &outcome.cost else { return format!("{name} {NOT_MEASURED}") };
    let looks = if outcome.protocol.looks.len() > 1 { "sequential" } else { "one look" };
    format!(
        "{name} {} ({}, {looks}) = {}",
        effect(&cost.effect, outcome.protocol.budget),
        budget((cost.confidence * 1000.0).floor() / 1000.0),
        absolute(cost),
    )
}

/// `9.6 µs/request, 0.6 µs/span × 15 spans`
fn absolute(cost: &Cost) -> String {
    let request = format!("{:.1} µs/request", cost.micros_per_request);
    match cost.micros_per_span {
        Some(span) => format!("{request}, {span:.1} µs/span × {} spans", per_request(cost.spans_per_request)),
        None => format!("{request}, no spans"),
    }
}

/// `16 launches × 7 s`; those of a confirmation apart.
pub(super) fn launches(outcome: &Outcome) -> String {
    let confirming = outcome.launches.iter().filter(|launch| launch.confirmation).count();
    let first = outcome.launches.len() - confirming;
    let confirming = if confirming > 0 { format!(" + {confirming} confirming") } else { String::new() };
    let unit = if first == 1 && confirming.is_empty() { "launch" } else { "launches" };
    format!("{first}{confirming} {unit} × {}", seconds(outcome.protocol.measured_ms))
}

fn spans(on: Option<&ArmOutcome>) -> String {
    match on {
        None => format!("spans {NOT_MEASURED}"),
        // By definition all of none arrived; "100 %" would read like a proof.
        Some(on) if on.spans_per_request <= 0.0 && on.delivered >= 1.0 => "no spans".to_owned(),
        Some(on) => format!("spans {} delivered", delivered(on.delivered)),
    }
}
