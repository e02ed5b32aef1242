//! Text from outside does no harm, whatever it holds.

use otelgate_loadtests::overhead::outcome::{Outcome, Protocol};
use otelgate_loadtests::overhead::record::{Invalid, Rule};
use otelgate_loadtests::report::{Page, TerminalOptions, github_annotations, github_summary, html, junit, one_line};
use quick_junit::Report;

use super::html::assert_well_formed;
use super::terminal::printed;
use crate::support::outcomes::{arm, invalid, lane, with_latency};

/// Ends an attribute, an element, a comment, a table cell and a workflow command; moves the cursor; reorders text; and
/// looks like a colour of a picture.
const HOSTILE: &str = "x\"'--><script>alert(1)</script>]]>|`*\r\n::error::\u{1b}[2J\u{202e}\u{0}fill=\"#040004\"&amp;";

fn hostile() -> Outcome {
    let mut outcome = with_latency(invalid());
    for text in [&mut outcome.run, &mut outcome.service, &mut outcome.workload, &mut outcome.otelgate] {
        HOSTILE.clone_into(text);
    }
    HOSTILE.clone_into(&mut outcome.machine.processor);
    HOSTILE.clone_into(&mut outcome.machine.system);
    outcome.reasons = vec![HOSTILE.to_owned()];
    outcome.help = vec![HOSTILE.to_owned()];
    outcome.on_is = Some(HOSTILE.to_owned());
    HOSTILE.clone_into(&mut outcome.latency[0].name);
    let mut lane = lane();
    lane.reasons = vec![HOSTILE.to_owned()];
    HOSTILE.clone_into(&mut lane.measured.kinds[0].kind);
    outcome.lane = Some(lane);
    arm(&mut outcome, Protocol::ON).env.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
    HOSTILE.clone_into(&mut arm(&mut outcome, Protocol::SAME).arm);
    let bad = Invalid { rule: Rule::BadAnswer, arm: Some(HOSTILE.to_owned()), message: HOSTILE.to_owned() };
    outcome.launches[0].invalid.push(bad.clone());
    outcome.invalid.push(bad);
    outcome
}

#[test]
fn the_terminal_gets_no_control_character() {
    let text = printed(&hostile(), TerminalOptions::default());

    assert!(!text.chars().any(|char| (char.is_control() && char != '\n') || char == '\u{202e}'), "{text:?}");
    assert!(text.contains("\\u{1b}[2J"), "{text}");
    assert_eq!(one_line(&hostile()).lines().count(), 1);
}

#[test]
fn html_has_it_as_text_only() {
    let outcome = hostile();

    let page = html(Page { outcome: &outcome, command: Some(HOSTILE), verified: None }).unwrap();

    assert_well_formed(&page);
    assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains('\u{202e}'));
    assert!(page.contains("&#60;script&#62;alert(1)"), "escaped text is shown");
}

#[test]
fn junit_stays_xml() {
    let xml = junit(&hostile()).unwrap();

    let document = Report::deserialize_from_str(&xml).unwrap();
    assert!(document.test_suites[0].test_cases.iter().any(|case| case.name.as_str().contains("<script>")), "{xml}");
}

#[test]
fn github_gets_no_markup_and_no_command_of_its_own() {
    let summary = github_summary(&hostile());
    let annotations = github_annotations(&hostile());

    assert!(!summary.contains("<script") && !summary.contains("\n::error"), "{summary}");
    assert!(annotations.lines().all(|line| line.starts_with("::error title=")), "{annotations}");
    assert_eq!(annotations.lines().count(), 3, "{annotations}");
}
