//! The terminal report.

use otelgate_harness::capture::{Capture, SpanKind};
use otelgate_harness::finding::{Finding, Outcome, Signal};
use otelgate_harness::report::TerminalOptions;
use snapbox::{assert_data_eq, file};

use super::sample::{capture, checks, finding, green, missing_span, printed, red, span};

#[test]
fn a_red_run_shows_each_violation_with_its_place_in_the_tree() {
    let text = printed(&red(), &capture(), TerminalOptions::default());

    assert_data_eq!(text, file!["snapshots/red.txt"].raw());
}

#[test]
fn a_green_run_ends_with_the_numbers_behind_the_verdict() {
    let text = printed(&green(), &capture(), TerminalOptions::default());

    assert_data_eq!(text, file!["snapshots/green.txt"].raw());
}

#[test]
fn colour_changes_nothing_but_colour() {
    let plain = printed(&red(), &capture(), TerminalOptions::default());

    let coloured = printed(&red(), &capture(), TerminalOptions { colour: true, ..TerminalOptions::default() });

    assert_ne!(plain, coloured);
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let stripped: Vec<String> =
        escapes.replace_all(&coloured, "").lines().map(|line| line.trim_end().to_owned()).collect();
    let plain: Vec<String> = plain.lines().map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(stripped, plain);
}

#[test]
fn lines_fit_the_width() {
    for width in [72, 80, 120] {
        let text = printed(&red(), &capture(), TerminalOptions { width, ..TerminalOptions::default() });

        // The verdict line is one line whatever the width: scripts look for it.
        let body = text.lines().filter(|line| !line.starts_with("FAIL"));
        for line in body {
            assert!(line.chars().count() <= width, "{} columns of {width}: {line}", line.chars().count());
        }
    }
}

#[test]
fn no_telemetry_is_said_in_the_first_line() {
    let silent = Capture { run: capture().run, ..Capture::default() };
    let nothing = Finding::violation("run.no-telemetry", Signal::Run, "run", "nothing arrived");

    let text = printed(&Outcome::new(vec![nothing], Vec::new(), checks()), &silent, TerminalOptions::default());

    assert!(text.starts_with("No telemetry arrived"), "{text}");
    assert!(text.lines().last().unwrap().starts_with("FAIL  rag-service: 0 traces, 0 spans"), "{text}");
}

#[test]
fn findings_past_the_limit_take_one_line_each_and_none_is_hidden() {
    let many: Vec<Finding> = (0..30)
        .map(|number| finding("trees", "span.kind", &format!("subject-{number:02}"), "wrong kind", Some(3), ""))
        .collect();

    let text = printed(
        &Outcome::new(many, Vec::new(), checks()),
        &capture(),
        TerminalOptions { full: 5, ..TerminalOptions::default() },
    );

    for number in 0..30 {
        assert!(text.contains(&format!("subject-{number:02}")), "subject-{number:02} is hidden");
    }
    assert_eq!(text.matches("explain  otelgate explain span.kind").count(), 5);
    assert!(text.contains("25 more, in one line each"), "{text}");
    assert!(text.contains("30 violations (30 span.kind)"), "{text}");
}

#[test]
fn a_missing_root_is_a_ghost_above_the_tree() {
    let mut root = missing_span();
    root.place.span_id = None;
    root.place.path = "POST /api/rag".to_owned();
    let mut without_root = capture();
    without_root.spans.remove(0);

    let text = printed(&Outcome::new(vec![root], Vec::new(), checks()), &without_root, TerminalOptions::default());

    let rows: Vec<&str> = text.lines().skip_while(|line| !line.starts_with('▶')).take(2).collect();
    assert_eq!(rows[0], "▶ POST /api/rag  (missing)");
    assert!(rows[1].starts_with("  rag.query "), "{text}");
    assert!(rows[1].contains("parent 0000000000000001 is not in the capture"), "{text}");
}

#[test]
fn a_large_trace_shows_the_surroundings_of_the_place() {
    let mut large = capture();
    large.spans = vec![span(1, None, "root", SpanKind::Server, 0, 1000)];
    for id in 2..200 {
        large.spans.push(span(id, Some(1), &format!("child-{id}"), SpanKind::Internal, u64::from(id), 900));
    }
    let wrong = finding("trees", "span.kind", "child", "wrong kind", Some(100), "root > child-100");

    let text = printed(&Outcome::new(vec![wrong], Vec::new(), checks()), &large, TerminalOptions::default());

    assert!(text.contains("▶ ├ child-100 "), "{text}");
    assert!(text.contains("child-99 ") && text.contains("child-101 "), "{text}");
    assert!(!text.contains("child-50 "), "{text}");
    assert!(text.contains("└ … 185 more"), "{text}");
}

#[test]
fn a_deep_trace_shows_the_nearest_ancestors() {
    let mut deep = capture();
    deep.spans = vec![span(1, None, "depth-1", SpanKind::Server, 0, 1000)];
    for id in 2..=200 {
        deep.spans.push(span(id, Some(id - 1), &format!("depth-{id}"), SpanKind::Internal, u64::from(id), 900));
    }
    let wrong = finding("trees", "span.kind", "deep", "wrong kind", Some(150), "");

    let text = printed(&Outcome::new(vec![wrong], Vec::new(), checks()), &deep, TerminalOptions::default());

    assert!(text.contains("… above") && text.contains("depth-149 ") && !text.contains("depth-100 "), "{text}");
}

#[test]
fn a_cycle_is_drawn_once_and_named() {
    let mut cyclic = capture();
    cyclic.spans =
        vec![span(1, Some(2), "one", SpanKind::Internal, 0, 10), span(2, Some(1), "two", SpanKind::Internal, 1, 9)];
    let cycle = finding("trees", "trace.cycle", "cold query", "spans are each other's parents", Some(2), "");

    let text = printed(&Outcome::new(vec![cycle], Vec::new(), checks()), &cyclic, TerminalOptions::default());

    assert!(text.contains("two, again: a cycle"), "{text}");
}

#[test]
fn a_negative_duration_is_shown_as_one() {
    let mut backwards = capture();
    backwards.spans[2].end = backwards.spans[2].start - 2_000_000;
    let wrong = finding("trees", "span.negative-duration", "rag.embedding", "ends before it starts", Some(3), "");

    let text = printed(&Outcome::new(vec![wrong], Vec::new(), checks()), &backwards, TerminalOptions::default());

    assert!(text.contains("-2 ms"), "{text}");
}
