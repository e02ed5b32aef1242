//! The outcome for a CI server: JUnit XML.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::figures::{NOT_MEASURED, delivered, difference, memory, micros, per_request};
use super::{TerminalOptions, clean, one_line, terminal, validity};
use crate::overhead::outcome::{ArmOutcome, Outcome, OverheadVerdict, Protocol};
use crate::overhead::record::Invalid;

/// `outcome` as JUnit XML: a suite `overhead` with the case `budget` for the verdict, one for each validity check that does
/// not hold, and one for each arm.
///
/// FAIL is a failure; INCONCLUSIVE and INVALID are errors, never a pass and never skipped: CI servers count skipped as fine.
///
/// # Errors
/// Those of the XML writer.
pub fn junit(outcome: &Outcome) -> Result<String, SerializeError> {
    let outcome = &clean::outcome(outcome);
    let failed = validity::failed(outcome);
    let mut suite = TestSuite::new("overhead");
    suite.add_test_case(verdict(outcome));
    let mut rules: Vec<_> = failed.iter().map(|invalid| invalid.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    for rule in rules {
        let of_rule: Vec<&Invalid> = failed.iter().copied().filter(|invalid| invalid.rule == rule).collect();
        suite.add_test_case(case(
            validity::name(rule),
            "otelgate.overhead.validity",
            error(validity::name(rule), &of_rule),
        ));
    }
    for arm in &outcome.arms {
        suite.add_test_case(self::arm(outcome, arm, &failed));
    }
    suite.set_system_out(summary(outcome));
    let mut document = Report::new(format!("otelgate overhead {}", outcome.service));
    document.set_time(Duration::from_millis(outcome.took_ms));
    document.add_test_suite(suite);
    document.to_string()
}

fn verdict(outcome: &Outcome) -> TestCase {
    let kind = match outcome.verdict {
        OverheadVerdict::Pass => None,
        OverheadVerdict::Fail => Some(NonSuccessKind::Failure),
        OverheadVerdict::Inconclusive | OverheadVerdict::Invalid => Some(NonSuccessKind::Error),
    };
    let status = match kind {
        None => TestCaseStatus::success(),
        Some(kind) => {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(one_line(outcome));
            status.set_type(outcome.verdict.to_string());
            status.set_description(outcome.reasons.iter().chain(&outcome.help).cloned().collect::<Vec<_>>().join("\n"));
            status
        }
    };
    let mut case = case("budget", "otelgate.overhead", status);
    case.set_time(Duration::from_millis(outcome.took_ms));
    case
}

fn arm(outcome: &Outcome, arm: &ArmOutcome, failed: &[&Invalid]) -> TestCase {
    let own: Vec<&Invalid> = failed.iter().copied().filter(|invalid| invalid.arm.as_ref() == Some(&arm.arm)).collect();
    let measured = arm.micros_per_request > 0.0 && (arm.effect.is_some() || arm.arm == Protocol::OFF);
    let status = if !own.is_empty() {
        error(validity::name(own[0].rule), &own)
    } else if measured {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(NOT_MEASURED).set_type("not-measured");
        status
    };
    let mut case = case(&arm.arm, "otelgate.overhead.arms", status);
    case.add_property(Property::new("cpu-per-request", micros(Some(arm.micros_per_request))));
    if let Some(effect) = &arm.effect {
        case.add_property(Property::new("against-baseline", difference(effect, outcome.protocol.budget)));
    }
    case.add_property(Property::new("spans-per-request", per_request(arm.spans_per_request)));
    if arm.spans_per_request > 0.0 || arm.delivered < 1.0 {
        case.add_property(Property::new("spans-delivered", delivered(arm.delivered)));
    }
    case.add_property(Property::new("resident-memory", memory(arm.rss_bytes)));
    case
}

fn error(kind: &str, invalid: &[&Invalid]) -> TestCaseStatus {
    let sentences: Vec<String> = invalid.iter().map(|invalid| validity::sentence(invalid)).collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type(kind);
    if let Some(first) = sentences.first() {
        status.set_message(first);
    }
    status.set_description(sentences.join("\n"));
    status
}

fn case(name: &str, class: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}

/// The terminal summary without colour.
fn summary(outcome: &Outcome) -> String {
    let mut text = Vec::new();
    match terminal(outcome, TerminalOptions::default(), &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        // Writing to memory does not fail; if it ever did, the line would still be there.
        Err(_) => one_line(outcome),
    }
}
