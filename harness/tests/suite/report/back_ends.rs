//! Which programs stood behind the run.

use otelgate_harness::capture::Capture;
use otelgate_harness::capture::arrived::{BackEnd, Maker};
use otelgate_harness::report::{Report, TerminalOptions, github_summary, json, junit};
use serde_json::{Value, json as value};

use super::sample::{capture, green, printed, summary};

fn back_end(name: &str, product: &str, version: Option<&str>, maker: Maker) -> BackEnd {
    BackEnd { name: name.to_owned(), product: product.to_owned(), version: version.map(str::to_owned), maker }
}

fn with_back_ends() -> Capture {
    let mut capture = capture();
    capture.arrived.back_ends = vec![
        back_end("jaeger", "Jaeger", Some("2.13.0"), Maker::Original),
        back_end("prometheus", "Prometheus", None, Maker::Original),
        back_end("grafana", "Grafana API stand-in", Some("0.1.0"), Maker::StandIn),
    ];
    capture
}

const ALL: &str =
    "Jaeger 2.13.0 (original), Prometheus, version not stated (original), Grafana API stand-in 0.1.0 (stand-in)";

#[test]
fn the_terminal_names_them_below_the_heading() {
    let text = printed(&green(), &with_back_ends(), TerminalOptions { width: 200, ..TerminalOptions::default() });

    assert_eq!(text.lines().nth(1), Some(ALL), "{text}");
    assert_eq!(text.lines().nth(2), Some(""), "{text}");
}

#[test]
fn the_json_document_lists_them() {
    let capture = with_back_ends();

    let text = json(&Report::new(&green(), &capture, &summary(&capture))).unwrap();

    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        document["run"]["back_ends"],
        value!([
            {"name": "jaeger", "product": "Jaeger", "version": "2.13.0", "maker": "original"},
            {"name": "prometheus", "product": "Prometheus", "maker": "original"},
            {"name": "grafana", "product": "Grafana API stand-in", "version": "0.1.0", "maker": "stand-in"},
        ])
    );
}

#[test]
fn junit_has_them_as_properties_of_the_checks() {
    let capture = with_back_ends();

    let xml = junit(&Report::new(&green(), &capture, &summary(&capture))).unwrap();

    let document = quick_junit::Report::deserialize_from_str(&xml).unwrap();
    let properties: Vec<(&str, &str)> =
        document.test_suites[0].properties.iter().map(|it| (it.name.as_str(), it.value.as_str())).collect();
    assert_eq!(properties[0], ("back-end.jaeger", "Jaeger 2.13.0 (original)"));
    assert_eq!(properties.len(), 3);
}

#[test]
fn the_step_summary_names_them() {
    let capture = with_back_ends();

    let text = github_summary(&Report::new(&green(), &capture, &summary(&capture)));

    assert!(text.contains(&format!("\nOn {ALL}.\n")), "{text}");
}

#[test]
fn what_a_back_end_says_of_itself_cannot_move_the_cursor() {
    let mut capture = capture();
    capture.arrived.back_ends = vec![back_end("jaeger", "Jaeger", Some("\u{1b}[2J"), Maker::Original)];

    let text = printed(&green(), &capture, TerminalOptions::default());

    assert!(!text.contains('\u{1b}'), "{text}");
}
