//! Step summary and annotations.

use otelgate_loadtests::overhead::record::{Invalid, Rule};
use otelgate_loadtests::report::{github_annotations, github_summary, one_line};
use snapbox::{assert_data_eq, file};

use crate::support::outcomes::{fail, inconclusive, invalid, nothing, pass, with_latency};

#[test]
fn the_summary_of_a_pass_has_arms_and_both_meanings() {
    assert_data_eq!(github_summary(&with_latency(pass())), file!["snapshots/pass.md"].raw());
}

#[test]
fn the_summary_of_an_invalid_run_says_what_does_not_hold() {
    assert_data_eq!(github_summary(&invalid()), file!["snapshots/invalid.md"].raw());
}

#[test]
fn every_summary_begins_with_the_verdict() {
    for (outcome, verdict) in
        [(pass(), "PASS"), (fail(), "FAIL"), (inconclusive(), "INCONCLUSIVE"), (nothing(), "INVALID")]
    {
        assert!(github_summary(&outcome).starts_with(&format!("## {verdict} rag-service\n")), "{verdict}");
    }
}

#[test]
fn a_pass_needs_no_annotation() {
    assert_eq!(github_annotations(&pass()), "");
}

#[test]
fn whatever_is_no_pass_is_an_error_with_the_line() {
    for outcome in [fail(), inconclusive(), invalid(), nothing()] {
        let text = github_annotations(&outcome);

        let title = format!("::error title=OpenTelemetry overhead {}::", outcome.verdict);
        let line = one_line(&outcome).replace('%', "%25");
        assert_eq!(text.lines().next(), Some(format!("{title}{line}").as_str()));
    }
}

#[test]
fn past_ten_annotations_the_tenth_says_how_many_there_are() {
    let mut outcome = invalid();
    outcome.invalid = (0..20)
        .map(|number| Invalid { rule: Rule::BadAnswer, arm: None, message: format!("answer {number} is bad") })
        .collect();
    outcome.launches.iter_mut().for_each(|launch| launch.invalid.clear());

    let text = github_annotations(&outcome);

    assert_eq!(text.lines().count(), 10);
    assert_eq!(text.lines().last(), Some("::error title=otelgate::12 more: see the step summary"));
}
