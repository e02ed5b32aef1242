//! Defects planted in what the back ends hold of a healthy run: each is found, named, and nothing else is.

mod exemplars;
mod folder;
mod losses;
mod metrics;
mod spans;
mod target;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use otelgate_harness::capture::arrived::{StoredMetrics, StoredSeries, StoredTarget};
use otelgate_harness::capture::{Arrived, Capture, Span, load};
use otelgate_harness::checks::judge;
use otelgate_harness::contract::{Contract, read};
use otelgate_harness::finding::Finding;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// A short run of which everything arrived, and what the service promises.
fn healthy() -> &'static (Capture, Contract) {
    static HEALTHY: OnceLock<(Capture, Contract)> = OnceLock::new();
    HEALTHY.get_or_init(|| {
        let capture = load(&fixtures().join("captures/arrived")).expect("the capture loads");
        let contract = read(&fixtures().join("contracts/rag-service.yaml")).expect("the contract is valid");
        (capture, contract)
    })
}

/// What the checks of arrival say, also that one of them found nothing to look at. The run is too short for the rest of
/// the contract.
fn said(capture: &Capture) -> Vec<Finding> {
    let outcome = judge(capture, &healthy().1);
    let of_arrival = |finding: &Finding| {
        finding.check.starts_with("arrived_")
            || finding.id == "run.check-found-nothing" && finding.subject.starts_with("arrived_")
            || finding.id == "exemplar.unresolved"
    };
    outcome.findings.into_iter().filter(of_arrival).collect()
}

/// What the checks say of a defect.
fn planted(defect: impl FnOnce(&mut Capture)) -> Vec<Finding> {
    let mut capture = healthy().0.clone();
    defect(&mut capture);
    said(&capture)
}

/// Id and subject of each finding.
fn told(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (finding.id, finding.subject.as_str())).collect()
}

/// Asserts that a defect gives this one finding, whole, and returns it.
#[track_caller]
fn alone(findings: &[Finding], id: &str, subject: &str) -> Finding {
    assert_eq!(told(findings), [(id, subject)], "{findings:#?}");
    let Finding { message, wanted, found, hint, .. } = &findings[0];
    assert!([message, wanted, found, hint].iter().all(|text| !text.is_empty()), "{:#?}", findings[0]);
    findings[0].clone()
}

fn stored(capture: &mut Capture) -> &mut Vec<Span> {
    capture.arrived.traces.as_mut().expect("a trace store was asked")
}

/// The first stored span of the name.
fn stored_span<'c>(capture: &'c mut Capture, name: &str) -> &'c mut Span {
    stored(capture).iter_mut().find(|span| &*span.name == name).expect("a span of the name")
}

fn metrics(capture: &mut Capture) -> &mut StoredMetrics {
    capture.arrived.metrics.as_mut().expect("a metric store was asked")
}

fn target(capture: &mut Capture) -> &mut StoredTarget {
    &mut metrics(capture).targets[0]
}

/// The stored series whose labels hold these.
fn series<'c>(capture: &'c mut Capture, labels: &[(&str, &str)]) -> &'c mut StoredSeries {
    let is_it = |series: &StoredSeries| {
        labels.iter().all(|(name, value)| series.labels.get(*name).is_some_and(|it| it == value))
    };
    metrics(capture).series.iter_mut().find(|series| is_it(series)).expect("a series of the labels")
}

#[test]
fn a_run_of_which_everything_arrived_is_silent_and_every_check_looked_at_something() {
    let (capture, contract) = healthy();

    let outcome = judge(capture, contract);

    assert_eq!(told(&said(capture)), []);
    let looked: Vec<(&str, bool)> = outcome
        .checks
        .iter()
        .filter(|tally| tally.check.starts_with("arrived_"))
        .map(|tally| (tally.check, tally.examined > 0))
        .collect();
    let wanted =
        ["arrived_spans", "arrived_target", "arrived_clock", "arrived_metrics", "arrived_series", "arrived_samples"];
    assert_eq!(looked, wanted.map(|check| (check, true)));
}

#[test]
fn where_no_back_end_was_asked_the_checks_do_not_show() {
    let (capture, contract) = healthy();
    let mut capture = capture.clone();
    capture.arrived = Arrived::default();

    let outcome = judge(&capture, contract);

    assert!(outcome.checks.iter().all(|tally| !tally.check.starts_with("arrived_")), "{:?}", outcome.checks);
    assert_eq!(told(&said(&capture)), []);
}
