//! The terminal summary.

use otelgate_loadtests::lane::LaneVerdict;
use otelgate_loadtests::overhead::outcome::Outcome;
use otelgate_loadtests::report::{TerminalOptions, one_line, terminal};
use snapbox::{assert_data_eq, file};

use crate::support::outcomes::{fail, inconclusive, invalid, lane, nothing, pass, with_latency};

pub(super) fn printed(outcome: &Outcome, options: TerminalOptions) -> String {
    let mut out = Vec::new();
    terminal(outcome, options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_pass_with_latency_and_lane_shows_everything_there_is() {
    let mut outcome = with_latency(pass());
    outcome.lane = Some(lane());

    let text = printed(&outcome, TerminalOptions::default());

    assert_data_eq!(text, file!["snapshots/pass.txt"].raw());
}

#[test]
fn a_fail_says_why() {
    assert_data_eq!(printed(&fail(), TerminalOptions::default()), file!["snapshots/fail.txt"].raw());
}

#[test]
fn an_inconclusive_run_says_what_would_help() {
    assert_data_eq!(printed(&inconclusive(), TerminalOptions::default()), file!["snapshots/inconclusive.txt"].raw());
}

#[test]
fn an_invalid_run_names_the_check_that_does_not_hold() {
    assert_data_eq!(printed(&invalid(), TerminalOptions::default()), file!["snapshots/invalid.txt"].raw());
}

#[test]
fn a_run_that_measured_nothing_shows_no_figure() {
    assert_data_eq!(printed(&nothing(), TerminalOptions::default()), file!["snapshots/nothing.txt"].raw());
}

#[test]
fn a_lane_that_could_not_count_says_so() {
    let mut outcome = pass();
    let mut lane = lane();
    lane.verdict = LaneVerdict::NotMeasured;
    lane.reasons = vec!["valgrind is not installed".to_owned()];
    lane.measured.kinds[0].added.instructions = None;
    outcome.lane = Some(lane);

    let text = printed(&outcome, TerminalOptions::default());

    assert!(text.contains("lane: NOT MEASURED") && text.contains("valgrind is not installed"), "{text}");
    let row = text.lines().find(|line| line.trim_start().starts_with("cold")).unwrap();
    assert!(row.contains("not measured"), "{row}");
}

#[test]
fn the_last_line_is_the_one_line() {
    for outcome in [pass(), fail(), inconclusive(), invalid(), nothing()] {
        let text = printed(&outcome, TerminalOptions::default());

        assert_eq!(text.lines().last(), Some(one_line(&outcome).as_str()));
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let plain = printed(&fail(), TerminalOptions::default());

    let coloured = printed(&fail(), TerminalOptions { colour: true, ..TerminalOptions::default() });

    assert_ne!(plain, coloured);
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(escapes.replace_all(&coloured, ""), plain);
}

#[test]
fn sentences_break_at_the_width() {
    let mut outcome = inconclusive();
    outcome.arms.clear();

    let text = printed(&outcome, TerminalOptions { width: 60, ..TerminalOptions::default() });

    let body: Vec<&str> = text.lines().filter(|line| !line.starts_with("OTel CPU overhead")).collect();
    assert!(body.iter().all(|line| line.chars().count() <= 60), "{text}");
}
