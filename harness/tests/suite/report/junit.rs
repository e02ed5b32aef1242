//! The JUnit report, read back by the parser of the crate that wrote it.

use otelgate_harness::capture::Capture;
use otelgate_harness::finding::{Finding, Outcome, Signal};
use otelgate_harness::report::{JunitError, Report, junit};
use quick_junit::TestCaseStatus;

use super::sample::{capture, green, red, summary};

/// Suite, case, and the failure's text if it failed.
fn cases(outcome: &Outcome, capture: &Capture) -> Vec<(String, String, Option<String>)> {
    let xml = junit(&Report::new(outcome, capture, &summary(capture))).unwrap();
    let document = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let mut cases = Vec::new();
    for suite in &document.test_suites {
        for case in &suite.test_cases {
            let text = match &case.status {
                TestCaseStatus::Success { .. } => None,
                TestCaseStatus::NonSuccess { description, .. } => {
                    Some(description.as_ref().unwrap().as_str().to_owned())
                }
                TestCaseStatus::Skipped { .. } => panic!("no case is skipped"),
            };
            cases.push((suite.name.as_str().to_owned(), case.name.as_str().to_owned(), text));
        }
    }
    cases
}

fn failed(cases: &[(String, String, Option<String>)]) -> Vec<(&str, &str, bool)> {
    cases.iter().map(|(suite, case, text)| (suite.as_str(), case.as_str(), text.is_some())).collect()
}

#[test]
fn has_a_case_for_each_check_and_each_scenario() {
    let cases = cases(&red(), &capture());

    assert_eq!(
        failed(&cases),
        [
            ("checks", "trees", true),
            ("checks", "attributes", true),
            ("checks", "metrics", false),
            ("scenarios", "cold query", true),
            ("scenarios", "cached query", false),
        ]
    );
}

#[test]
fn a_failure_has_the_text_of_the_terminal() {
    let cases = cases(&red(), &capture());

    let text = cases[0].2.as_deref().unwrap();
    assert!(text.contains("▶   └ rag.rerank  (missing)"), "{text}");
    assert!(text.contains("wanted   exactly 1"), "{text}");
    let both = cases[3].2.as_deref().unwrap();
    assert!(both.contains("span.missing") && both.contains("attribute.type"), "{both}");
}

#[test]
fn a_green_run_has_no_failure() {
    let cases = cases(&green(), &capture());

    assert_eq!(cases.len(), 5);
    assert!(cases.iter().all(|(_, _, text)| text.is_none()), "{cases:?}");
}

#[test]
fn a_violation_of_no_check_fails_a_case_of_its_own() {
    let stale = Finding::violation("waiver.stale", Signal::Run, "span.orphan / SET", "a waiver matches no finding");

    let cases = cases(&Outcome::new(vec![stale], Vec::new(), Vec::new()), &Capture::default());

    assert_eq!(failed(&cases), [("checks", "other", true)]);
}

#[test]
fn a_report_without_any_case_is_an_error() {
    let capture = Capture::default();
    let nothing = Outcome::new(Vec::new(), Vec::new(), Vec::new());

    let error = junit(&Report::new(&nothing, &capture, &summary(&capture))).unwrap_err();

    assert!(matches!(error, JunitError::NoTestCase), "{error}");
}
