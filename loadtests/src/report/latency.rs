//! Latency, and both meanings of the budget beside each other.

use super::figures::{NOT_MEASURED, budget, difference, latency, per_request};
use super::table::Table;
use crate::overhead::outcome::{Effect, LatencyArm, LatencyOutcome, Outcome, OverheadVerdict, Protocol};
use crate::overhead::record::Latencies;

/// A quantile that reports show: its name, its value, and where it stands in the figures of an arm.
type Quantile = (&'static str, f64, fn(&Latencies) -> u64);

const QUANTILES: [Quantile; 3] =
    [("p50", 0.50, |latency| latency.p50), ("p95", 0.95, |latency| latency.p95), ("p99", 0.99, |latency| latency.p99)];

/// `no model delay: 200 requests/s to each arm, 8 rounds`
pub(super) fn heading(latency: &LatencyOutcome) -> String {
    let rounds = if latency.rounds == 1 { "round" } else { "rounds" };
    format!("{}: {} requests/s to each arm, {} {rounds}", latency.name, per_request(latency.rate), latency.rounds)
}

/// p50, p95 and p99 of both arms, and the one over the other.
pub(super) fn quantiles(outcome: &Outcome, measured: &LatencyOutcome) -> Table {
    let mut table = Table::new(["", ">off", ">on", ">on against off"]);
    let arm = |name| measured.arms.iter().find(|arm| arm.arm == name && arm.requests > 0);
    for (name, quantile, read) in QUANTILES {
        let shown = |arm: Option<&LatencyArm>| arm.map_or(NOT_MEASURED.to_owned(), |arm| latency(read(&arm.latency)));
        table.rows.push(vec![
            name.to_owned(),
            shown(arm(Protocol::OFF)),
            shown(arm(Protocol::ON)),
            ratio(measured, quantile)
                .map_or(NOT_MEASURED.to_owned(), |effect| difference(effect, outcome.protocol.budget)),
        ]);
    }
    table
}

/// What people who pay for cores mean by "it costs 5 %" beside what users mean, if latency was measured.
pub(super) fn meanings(outcome: &Outcome) -> Table {
    let limit = outcome.protocol.budget;
    let title = format!(">against {}", budget(limit));
    let mut table = Table::new(["meaning", ">on against off", &title]);
    let mut row = |meaning: String, effect: Option<&Effect>| {
        let (cost, against) = match effect {
            Some(effect) => (difference(effect, limit), side(effect, limit)),
            None => (NOT_MEASURED.to_owned(), ""),
        };
        table.rows.push(vec![meaning, cost, against.to_owned()]);
    };
    let cost = outcome.cost.as_ref().filter(|_| outcome.verdict != OverheadVerdict::Invalid);
    row("CPU a request".to_owned(), cost.map(|cost| &cost.effect));
    for measured in &outcome.latency {
        for (name, quantile, _) in QUANTILES {
            row(format!("latency {name}, {}", measured.name), ratio(measured, quantile));
        }
    }
    table
}

/// On which side of the budget an interval lies.
fn side(effect: &Effect, budget: f64) -> &'static str {
    if effect.upper < budget {
        "below"
    } else if effect.lower > budget {
        "above"
    } else {
        "not decided"
    }
}

fn ratio(measured: &LatencyOutcome, quantile: f64) -> Option<&Effect> {
    let near = |other: f64| (other - quantile).abs() < 1e-6;
    measured.ratios.iter().find(|ratio| near(ratio.quantile)).map(|ratio| &ratio.effect)
}
