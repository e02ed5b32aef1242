//! The report for GitHub Actions.

use otelgate_harness::finding::{Finding, Outcome, Signal};
use otelgate_harness::report::{Report, github_annotations, github_summary};
use snapbox::{assert_data_eq, file};

use super::sample::{capture, checks, finding, green, red, summary};

#[test]
fn the_step_summary_is_markdown() {
    let capture = capture();

    let text = github_summary(&Report::new(&red(), &capture, &summary(&capture)));

    assert_data_eq!(text, file!["snapshots/summary.md"].raw());
}

#[test]
fn a_violation_is_one_error_annotation() {
    let capture = capture();
    let odd = Finding::violation("span.name", Signal::Trace, "100 %", "first\nsecond");

    let text =
        github_annotations(&Report::new(&Outcome::new(vec![odd], Vec::new(), checks()), &capture, &summary(&capture)));

    assert_eq!(text, "::error title=span.name::100 %25: first%0Asecond\n");
}

#[test]
fn a_green_run_has_no_annotation() {
    let capture = capture();

    let text = github_annotations(&Report::new(&green(), &capture, &summary(&capture)));

    assert_eq!(text, "");
}

#[test]
fn past_ten_annotations_the_tenth_counts_the_rest() {
    let capture = capture();
    let many: Vec<Finding> = (0..25).map(|_| finding("trees", "span.kind", "a", "b", None, "")).collect();

    let text =
        github_annotations(&Report::new(&Outcome::new(many, Vec::new(), checks()), &capture, &summary(&capture)));

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[9], "::error title=otelgate::16 more violations: see the step summary");
}
