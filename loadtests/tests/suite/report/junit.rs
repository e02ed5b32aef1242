//! The JUnit report, read back by the parser of the crate that wrote it.

use otelgate_loadtests::overhead::outcome::{Outcome, Protocol};
use otelgate_loadtests::report::junit;
use quick_junit::{NonSuccessKind, Report, TestCaseStatus};
use snapbox::{assert_data_eq, file};

use crate::support::outcomes::{arm, fail, inconclusive, invalid, nothing, pass};

/// Each case, and how it ended.
fn cases(outcome: &Outcome) -> Vec<(String, &'static str)> {
    let document = Report::deserialize_from_str(&junit(outcome).unwrap()).unwrap();
    assert_eq!(document.test_suites.len(), 1);
    assert_eq!(document.test_suites[0].name.as_str(), "overhead");
    let ended = |status: &TestCaseStatus| match status {
        TestCaseStatus::Success { .. } => "success",
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. } => "failure",
        TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. } => "error",
        TestCaseStatus::Skipped { .. } => "skipped",
    };
    let cases = document.test_suites[0].test_cases.iter();
    cases.map(|case| (case.name.as_str().to_owned(), ended(&case.status))).collect()
}

fn seen<'c>(cases: &'c [(String, &'static str)]) -> Vec<(&'c str, &'static str)> {
    cases.iter().map(|(name, ended)| (name.as_str(), *ended)).collect()
}

#[test]
fn a_pass_has_a_case_for_the_verdict_and_for_each_arm() {
    assert_eq!(
        seen(&cases(&pass())),
        [("budget", "success"), ("off", "success"), ("on", "success"), ("off again", "success")]
    );
}

#[test]
fn a_fail_is_a_failure() {
    assert_eq!(
        seen(&cases(&fail())),
        [("budget", "failure"), ("off", "success"), ("on", "success"), ("off again", "success")]
    );
}

#[test]
fn inconclusive_is_an_error() {
    assert_eq!(cases(&inconclusive())[0], ("budget".to_owned(), "error"));
}

#[test]
fn invalid_is_an_error_of_the_verdict_the_rule_and_the_arm() {
    assert_eq!(
        seen(&cases(&invalid())),
        [("budget", "error"), ("spans-lost", "error"), ("off", "success"), ("on", "error"), ("off again", "success")]
    );
}

#[test]
fn a_run_that_measured_nothing_still_has_a_case() {
    assert_eq!(seen(&cases(&nothing())), [("budget", "error"), ("arm-died", "error")]);
}

#[test]
fn an_arm_that_was_not_measured_is_an_error() {
    let mut outcome = pass();
    arm(&mut outcome, Protocol::SAME).effect = None;

    assert_eq!(cases(&outcome)[3], ("off again".to_owned(), "error"));
}

#[test]
fn the_document_is_as_agreed_with_ci_servers() {
    assert_data_eq!(junit(&invalid()).unwrap(), file!["snapshots/invalid.xml"].raw());
}
