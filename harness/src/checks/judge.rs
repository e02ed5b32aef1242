//! Runs the checks and puts what they said in order.

use std::sync::atomic::{AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::no_telemetry::Absent;
use super::parallel::{join, workers};
use super::{CHECKS, Check, Index, secrets};
use crate::capture::Capture;
use crate::contract::Contract;
use crate::finding::{CATALOG, Finding, Level, Outcome, Place, Signal, Tally, apply};

/// Runs every check of [`CHECKS`] over `capture` and gives the verdict.
///
/// Findings with the same id and subject are folded into the first; the rest is sorted by level, then in the order of
/// the catalogue, then in that of the register of checks.
#[must_use]
pub fn judge(capture: &Capture, contract: &Contract) -> Outcome {
    judge_by(CHECKS, capture, contract)
}

/// As [`judge`], by some checks alone: what they do not look at may be missing from the capture.
#[must_use]
pub fn judge_by(checks: &[Check], capture: &Capture, contract: &Contract) -> Outcome {
    let index = Index::new(capture);
    let mut findings = Vec::new();
    let mut tallies = Vec::new();
    let mut idle = Vec::new();
    let absent = Absent::new(capture, contract);
    for (check, (examined, mut found)) in checks.iter().zip(run_all(checks, &index, contract)) {
        found.retain(|finding| !absent.explains(finding.id));
        let wanted = (check.wanted)(capture, contract);
        if wanted && examined == 0 {
            idle.push(found_nothing(check));
        }
        if wanted || examined > 0 {
            let violations = found.iter().filter(|finding| finding.level == Level::Violation).count();
            tallies.push(Tally { check: check.name, about: check.about, examined, unit: check.unit, violations });
        }
        for finding in &mut found {
            finding.check = check.name;
        }
        findings.extend(found);
    }
    if findings.iter().any(|finding| matches!(finding.id, "arrival.target-down" | "arrival.no-target")) {
        // Who does not get at the service has nothing of it to keep, or to show.
        findings.retain(|finding| !matches!(finding.id, "arrival.metric-missing" | "panel.no-data"));
        idle.retain(|finding| !finding.subject.starts_with("arrived_"));
    }
    // That a signal is missing altogether says more than that each check of it found nothing.
    if !findings.iter().any(|finding| finding.id == "run.no-telemetry") {
        findings.extend(idle);
    }
    secrets::redact_all(&capture.run, &mut findings);
    let (mut findings, waived) = apply(&contract.waivers, fold(findings));
    findings.sort_by_key(|finding| (finding.level, rank(finding.id)));
    Outcome::new(findings, waived, tallies)
}

type Said = (u64, Vec<Finding>);

/// Every check's tally and findings, in the order of the register. Large captures are judged by several checks at once.
fn run_all(checks: &[Check], index: &Index<'_>, contract: &Contract) -> Vec<Said> {
    let run = |check: &Check| {
        let mut found = Vec::new();
        let examined = (check.run)(index, contract, &mut found);
        (examined, found)
    };
    let workers = workers(index.capture.spans.len()).min(checks.len());
    if workers == 1 {
        return checks.iter().map(run).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut said = Vec::new();
        while let Some((position, check)) = checks.iter().enumerate().nth(next.fetch_add(1, Ordering::Relaxed)) {
            said.push((position, run(check)));
        }
        said
    };
    let mut said: Vec<(usize, Said)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        handles.into_iter().flat_map(join).collect()
    });
    said.sort_by_key(|(position, _)| *position);
    said.into_iter().map(|(_, said)| said).collect()
}

fn found_nothing(check: &Check) -> Finding {
    Finding::violation(
        "run.check-found-nothing",
        Signal::Run,
        check.name,
        format!("the check `{}` is asked for by the contract and found no {} to look at", check.name, check.unit),
    )
    .wanted(format!("at least one of: {}", check.unit))
    .found("none")
    .hint(format!(
        "it asks whether {}; if the run has none on purpose, take what asks for it out of the contract",
        check.about
    ))
}

/// Folds findings that say the same: same id and subject, or the same id about the same attribute of the same span.
/// Where a span's status is wrong, an `error.type` that does not go with it follows from that and is left out; so does,
/// where a span hangs under the wrong parent, that it is not inside it.
pub(crate) fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut by_subject: FxHashMap<(&'static str, String), usize> = FxHashMap::default();
    let mut by_place: FxHashMap<(&'static str, Place), usize> = FxHashMap::default();
    for finding in findings {
        let place = exact(&finding).map(|place| (finding.id, place));
        let cause = match finding.id {
            "error-type.missing" | "error-type.unexpected" => Some("span.status"),
            "span.outside-parent" => Some("span.misplaced"),
            _ => None,
        };
        if cause.is_some_and(|cause| by_place.contains_key(&(cause, whole_span(&finding.place)))) {
            continue;
        }
        let subject = (finding.id, finding.subject.clone());
        if let Some(at) = place.as_ref().and_then(|place| by_place.get(place)) {
            // Two checks, one statement: it is counted once.
            by_subject.entry(subject).or_insert(*at);
            continue;
        }
        let at = *by_subject.entry(subject).or_insert(kept.len());
        if let Some(place) = place {
            by_place.insert(place, at);
        }
        match kept.get_mut(at) {
            Some(first) => first.more += 1 + finding.more,
            None => kept.push(finding),
        }
    }
    kept
}

/// What of which span a finding is about, if it is about one attribute, or the kind, name, status or place, of one span.
fn exact(finding: &Finding) -> Option<Place> {
    let place = &finding.place;
    let part = match finding.id {
        "span.kind" | "span.name" | "span.status" | "span.misplaced" => "",
        _ => place.path.rsplit_once(" · ")?.1,
    };
    place.span_id.as_ref()?;
    Some(Place { path: part.to_owned(), ..whole_span(place) })
}

/// The span of a place, without its path and the request behind it.
fn whole_span(place: &Place) -> Place {
    Place { trace_id: place.trace_id.clone(), span_id: place.span_id.clone(), ..Place::default() }
}

/// Where an id stands in the catalogue; ids it does not know come last.
pub(crate) fn rank(id: &str) -> usize {
    CATALOG.iter().position(|entry| entry.id == id).unwrap_or(CATALOG.len())
}
