//! The report for a CI server: JUnit XML.

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use super::detail;
use super::palette::Palette;
use super::verdict;
use crate::finding::Finding;

/// Columns of the failure texts.
const WIDTH: usize = 100;

/// A JUnit report that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum JunitError {
    /// There is no check and no scenario: a report without a test case reads as a success to most CI servers.
    #[error("the run has no check and no scenario, and a JUnit report without a test case would read as a success")]
    NoTestCase,
    /// The XML writer failed.
    #[error("failed to write JUnit XML")]
    Write(#[from] quick_junit::SerializeError),
}

/// `report` as JUnit XML: one test case a check and one a scenario.
///
/// A test case fails if a violation is of its check or points at its scenario, so a violation may be seen in both
/// suites. Violations of no check (a stale waiver) fail a test case `other` of the suite `checks`, whose properties name
/// the back ends: `back-end.jaeger`.
///
/// # Errors
/// If there would be no test case at all.
pub fn junit(report: &Report<'_>) -> Result<String, JunitError> {
    let mut checks = TestSuite::new("checks");
    for tally in &report.checks {
        let failures = report.violations().filter(|finding| finding.check == tally.check);
        let mut case = case(report, tally.check, "otelgate.checks", failures);
        case.add_property(Property::new("examined", format!("{} {}", tally.examined, tally.unit)));
        case.add_property(Property::new("about", tally.about));
        checks.add_test_case(case);
    }
    let known = |finding: &&Finding| report.checks.iter().any(|tally| tally.check == finding.check);
    let mut others = report.violations().filter(|finding| !known(finding)).peekable();
    if others.peek().is_some() {
        checks.add_test_case(case(report, "other", "otelgate.checks", others));
    }

    let mut scenarios = TestSuite::new("scenarios");
    for scenario in &report.scenarios {
        let failures = report.violations().filter(|finding| finding.place.scenario.as_ref() == Some(scenario));
        scenarios.add_test_case(case(report, scenario, "otelgate.scenarios", failures));
    }

    if checks.tests + scenarios.tests == 0 {
        return Err(JunitError::NoTestCase);
    }
    for back_end in &report.summary.back_ends {
        checks.add_property(Property::new(format!("back-end.{}", back_end.name), back_end.to_string()));
    }
    checks.set_system_out(format!("{}  {}", report.verdict, verdict::line(report)));
    let mut document = quick_junit::Report::new(format!("otelgate {}", report.summary.service));
    document.set_time(report.summary.duration);
    document.add_test_suites([checks, scenarios].into_iter().filter(|suite| suite.tests > 0));
    Ok(document.to_string()?)
}

fn case<'r>(report: &Report<'_>, name: &str, class: &str, failures: impl Iterator<Item = &'r Finding>) -> TestCase {
    let failures: Vec<&Finding> = failures.collect();
    let status = match failures.split_first() {
        None => TestCaseStatus::success(),
        Some((first, rest)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let more = if rest.is_empty() { String::new() } else { format!(" (and {} more)", rest.len()) };
            status.set_message(format!("{}: {}: {}{more}", first.id, first.subject, first.message));
            status.set_type(first.id);
            let texts =
                failures.iter().map(|finding| detail::lines(report, finding, Palette::default(), WIDTH).join("\n"));
            status.set_description(texts.collect::<Vec<_>>().join("\n\n"));
            status
        }
    };
    let mut case = TestCase::new(name, status);
    case.set_classname(class);
    case
}
