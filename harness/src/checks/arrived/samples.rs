//! Whether the metric store has the same numbers as the service exposes.
//!
//! The store's last sample lies between two scrapes of our own, made while nothing is asked of the service. A number
//! that only rises and is the same in both was the same in between: the store's sample has to be equal to it. One that
//! moves although nobody asks anything (CPU time, scrapes counted) has to lie between them. Numbers that also fall are
//! not compared: they may have been anything in between.
//!
//! A counter that ends at the same number and never fell on the way grew, by the store's samples, exactly as much as by
//! the service's exposition; and that growth is what the contract's relations hold against the requests driven.

use super::flat::{Flat, flat};
use super::{increase, stored};
use crate::capture::arrived::{StoredMetrics, StoredSeries};
use crate::capture::{Capture, Scrape};
use crate::checks::{Check, Index};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_samples",
    about: "the metric store's counters are those of the service",
    unit: "numbers",
    wanted: |capture, contract| stored::of_target(capture).is_some() && !contract.metrics.is_empty(),
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let Some((metrics, target)) = stored::of_target(index.capture) else { return 0 };
    if let Some(finding) = stale(index.capture, metrics, &target.url) {
        findings.push(finding);
        // Old numbers differ, and that is why.
        return 1;
    }
    let Some(between) = Between::of(index.capture, metrics) else { return 0 };
    let (before, after) = (flat(between.before), between.after.map(flat));
    let mut examined = 0;
    for (key, series) in stored::series(metrics, target) {
        let (Some(exposed), Some(last)) = (before.get(&key), series.samples.last()) else { continue };
        if !exposed.rises {
            continue;
        }
        let place = key.to_string();
        if let Some(finding) = reset(exposed, series, &place) {
            findings.push(finding);
            examined += 1;
            continue;
        }
        // Without a scrape after it nobody knows what the number was when the store looked.
        let Some(later) = after.as_ref().and_then(|after| after.get(&key)) else { continue };
        examined += 1;
        if !(exposed.value <= last.value && last.value <= later.value) {
            findings.push(differs(exposed, later, last.value, &place));
        }
    }
    examined + increase::by_query(metrics, findings)
}

/// Equal, to the last bit.
pub(super) fn same(left: f64, right: f64) -> bool {
    left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan()
}

pub(super) fn finding(id: &'static str, of: &str, message: impl Into<String>, place: &str) -> Finding {
    Finding::violation(id, Signal::Metric, of, message).at(Place { path: place.to_owned(), ..Place::default() })
}

/// The scrapes of our own around the store's last one.
struct Between<'c> {
    before: &'c Scrape,
    after: Option<&'c Scrape>,
}

impl<'c> Between<'c> {
    fn of(capture: &'c Capture, metrics: &StoredMetrics) -> Option<Self> {
        let last = stored::last_scrape(metrics);
        let scrapes = stored::scrapes(capture);
        let after = scrapes.iter().position(|scrape| scrape.time > last);
        let before = after.unwrap_or(scrapes.len()).checked_sub(1)?;
        Some(Self { before: scrapes[before], after: after.map(|at| scrapes[at]) })
    }
}

fn stale(capture: &Capture, metrics: &StoredMetrics, url: &str) -> Option<Finding> {
    let ended = stored::ended(capture)?;
    let last = stored::last_scrape(metrics);
    if last >= ended {
        return None;
    }
    let found = if last == 0 {
        "no sample in the run's window".to_owned()
    } else {
        format!("a last sample {:.3} s before that", std::time::Duration::from_nanos(ended - last).as_secs_f64())
    };
    Some(
        finding("arrival.stale", "metric store", "the metric store has no sample from after the last request", url)
            .wanted("a sample taken after the last request was answered")
            .found(found)
            .hint("scrapes fail or are slow: look at the target's page in Prometheus, and at the scrape interval"),
    )
}

/// A counter that fell while one process lived.
fn reset(exposed: &Flat<'_>, series: &StoredSeries, place: &str) -> Option<Finding> {
    let pair = series.samples.windows(2).find(|pair| pair[1].value < pair[0].value)?;
    Some(
        finding("arrival.counter-reset", &exposed.family.name, "a counter in the metric store went down", place)
            .wanted("numbers that only rise while the process lives")
            .found(format!("{}, then {}", pair[0].value, pair[1].value))
            .hint(
                "the service restarted, or two processes answer behind one target: `rate()` counts such a fall as new",
            ),
    )
}

fn differs(exposed: &Flat<'_>, later: &Flat<'_>, found: f64, place: &str) -> Finding {
    let wanted = if same(exposed.value, later.value) {
        format!("{}, which the service exposed before and after", exposed.value)
    } else {
        format!("between {} and {}, which the service exposed before and after", exposed.value, later.value)
    };
    finding("arrival.value", &exposed.family.name, "the metric store has another number than the service", place)
        .wanted(wanted)
        .found(found.to_string())
        .hint("the target is another process than the one asked, or something on the way caches the answer")
}
