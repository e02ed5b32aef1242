//! No report prints a secret, wherever it came from.

use std::sync::Arc;

use otelgate_harness::capture::{Capture, Value};
use otelgate_harness::finding::{Finding, Outcome};
use otelgate_harness::report::{
    Report, RunSummary, TerminalOptions, github_annotations, github_summary, json, junit, terminal,
};

use super::sample::{SECRET, attributes, capture, checks, finding, summary, waived};

/// A run in which the secret is everywhere a report reads from.
fn leaky() -> (Outcome, Capture, RunSummary) {
    let mut capture = capture();
    let text = format!("before {SECRET} after");
    capture.run.scenarios.push(text.clone());
    for span in &mut capture.spans {
        span.name = Arc::from(format!("{} {SECRET}", span.name));
        span.attributes =
            attributes(&[("query.text", Value::from(text.as_str())), ("error.type", Value::from(SECRET))]);
        span.status.code = otelgate_harness::capture::StatusCode::Error;
    }
    let mut leak: Finding = finding("trees", "attribute.value", &text, &text, Some(4), &text)
        .wanted(text.as_str())
        .found(format!("{:?}", SECRET.to_uppercase()))
        .hint(text.as_str());
    leak.place.scenario = Some(text.clone());
    let mut ghost = leak.clone();
    ghost.id = "span.missing";
    let (mut accepted, mut waiver) = waived();
    accepted.subject.clone_from(&text);
    waiver.reason.clone_from(&text);
    let mut summary = summary(&capture);
    summary.stack.clone_from(&text);
    summary.versions.insert(text.clone(), text);
    (Outcome::new(vec![leak, ghost], vec![(accepted, waiver)], checks()), capture, summary)
}

#[test]
fn no_report_prints_the_value_of_a_canary() {
    let (outcome, capture, summary) = leaky();
    let report = Report::new(&outcome, &capture, &summary);

    let mut screen = Vec::new();
    terminal(&report, TerminalOptions::default(), &mut screen).unwrap();
    let mut short = Vec::new();
    terminal(&report, TerminalOptions { full: 0, ..TerminalOptions::default() }, &mut short).unwrap();

    let texts = [
        String::from_utf8(screen).unwrap(),
        String::from_utf8(short).unwrap(),
        json(&report).unwrap(),
        junit(&report).unwrap(),
        github_summary(&report),
        github_annotations(&report),
    ];
    for text in texts {
        assert!(!text.to_lowercase().contains(SECRET), "{text}");
        assert!(text.replace('\\', "").contains("[canary:query]"), "{text}");
    }
}

#[test]
fn telemetry_cannot_control_the_terminal() {
    let mut capture = capture();
    capture.spans[3].name = Arc::from("red\u{1b}[31m\u{202e}name");
    let outcome = Outcome::new(
        vec![finding("trees", "span.name", "a\u{7}b", "x\u{1b}[2J", Some(4), "red\u{1b}[31m\u{202e}name")],
        Vec::new(),
        checks(),
    );

    let mut out = Vec::new();
    terminal(&Report::new(&outcome, &capture, &summary(&capture)), TerminalOptions::default(), &mut out).unwrap();

    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
    assert!(text.contains("red\\u{1b}[31m\\u{202e}name"), "{text}");
}
