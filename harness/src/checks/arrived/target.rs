//! Whether the metric store scrapes this run's service, and gets an answer.

use crate::capture::arrived::{Health, StoredMetrics, StoredTarget};
use crate::checks::{Check, Index, text};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_target",
    about: "the metric store scrapes the service, and is answered",
    unit: "targets",
    wanted: |capture, _| capture.arrived.metrics.is_some(),
    run,
};

/// Targets that one finding names.
const NAMED: usize = 5;

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some(metrics) = &index.capture.arrived.metrics else { return 0 };
    let ours = metrics.target.and_then(|at| metrics.targets.get(at));
    match ours {
        Some(target) if target.health == Health::Down => findings.push(down(target, &metrics.address)),
        Some(_) => {}
        None => {
            // A target that was never answered cannot say whose it is.
            let mut mute = metrics.targets.iter().filter(|target| target.health == Health::Down).peekable();
            if mute.peek().is_none() {
                findings.push(none(metrics));
            }
            findings.extend(mute.map(|target| down(target, &metrics.address)));
        }
    }
    1
}

fn down(target: &StoredTarget, address: &str) -> Finding {
    let error = if target.last_error.is_empty() { "no error given" } else { &target.last_error };
    Finding::violation(
        "arrival.target-down",
        Signal::Metric,
        target.job(),
        format!("the metric store gets no metrics from {}", target.url),
    )
    .at(Place { path: format!("target {}", target.job()), ..Place::default() })
    .wanted(format!("an answer of the service, which listens on {address}"))
    .found(format!("asked {}: {error}", target.url))
    .hint("compare the address it tried with the service's: host, port, path, and whether the store can reach it")
}

fn none(metrics: &StoredMetrics) -> Finding {
    let mut known: Vec<String> =
        metrics.targets.iter().take(NAMED).map(|target| format!("{} ({})", target.url, target.job())).collect();
    if metrics.targets.len() > NAMED {
        known.push(format!("and {} more", metrics.targets.len() - NAMED));
    }
    Finding::violation(
        "arrival.no-target",
        Signal::Metric,
        "scrape target",
        "the metric store has no target that is this run's service",
    )
    .at(Place { path: "targets".to_owned(), ..Place::default() })
    .wanted(format!("a target at {}, or one whose target_info has this run's otelgate_run_id", metrics.address))
    .found(if known.is_empty() { "no target at all".to_owned() } else { text::quoted(&known.join("; ")).into_owned() })
    .hint("add the service to `scrape_configs`, and look whether relabelling drops it")
}
