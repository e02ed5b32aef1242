//! `otelgate lane`, on the reference service and without valgrind: what the program counts itself.

use std::path::Path;

use serde_json::Value;

use crate::built::built;
use crate::support::{Said, otelgate, project};

/// A project whose lane is short.
fn short_lane() -> tempfile::TempDir {
    let folder = project("[never-started]", "");
    let path = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    let kinds = "kinds: [cold, cached, streamed, health]";
    assert!(text.contains(kinds), "the configuration has no `{kinds}`");
    let text = text.replace(kinds, "kinds: [cold, health]\n  requests: 4").replace("loadtests/", "");
    std::fs::write(&path, text).unwrap();
    folder
}

fn lane_in(folder: &Path, more: &[&str]) -> Said {
    let command = built("rag-service-lane").display().to_string();
    let arguments = ["lane", "--format", "json", "--valgrind", "no-valgrind-here", "--lane-command", &command];
    otelgate().args(arguments).args(more).current_dir(folder).output().unwrap().into()
}

#[test]
fn spans_bytes_and_allocations_are_counted_without_valgrind_and_instructions_are_not() {
    let folder = short_lane();

    let said = lane_in(folder.path(), &[]);

    said.assert_code(4).assert_stderr("the lane proves nothing here");
    let outcome: Value = serde_json::from_str(&said.stdout).unwrap();
    let [cold, health] = &outcome["measured"]["kinds"].as_array().unwrap()[..] else { panic!("{}", said.stdout) };
    assert_eq!((&cold["on"]["spans"], &health["on"]["spans"]), (&Value::from(15.0), &Value::from(1.0)));
    for kind in [cold, health] {
        assert_eq!(kind["off"]["spans"], 0.0);
        assert_eq!(kind["off"]["otlp_bytes_per_span"], Value::Null);
        assert_eq!(kind["added"]["instructions"], Value::Null);
        for arm in ["on", "off"] {
            assert!(kind[arm]["allocations"]["value"].as_f64().unwrap() > 10.0, "{kind}");
        }
        assert!(kind["on"]["otlp_bytes_per_span"].as_f64().unwrap() > 100.0, "{kind}");
    }
    // A health request's share is two of some thirty, less than what an answer that arrives in two pieces makes of four.
    assert!(cold["added"]["allocations"]["value"].as_f64().unwrap() > 0.0, "{cold}");
}

#[test]
fn a_baseline_is_not_renewed_without_instructions() {
    let folder = short_lane();

    lane_in(folder.path(), &["--renew"]).assert_code(4).assert_stderr("the baseline was not renewed");

    assert!(!folder.path().join("lane-baseline.json").exists());
}

#[test]
fn a_damaged_baseline_is_named_before_anything_is_measured() {
    let folder = short_lane();
    std::fs::write(folder.path().join("lane-baseline.json"), "{\"version\": 1").unwrap();

    lane_in(folder.path(), &[]).assert_code(2).assert_stderr("lane-baseline.json").assert_stderr("--renew");
}

#[test]
fn a_configuration_without_a_lane_is_told_where_to_read_how() {
    let folder = project("[never-started]", "");
    let path = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.split_once("\nlane:").unwrap().0).unwrap();

    lane_in(folder.path(), &[]).assert_code(2).assert_stderr("has no `lane`; docs/LANE.md");
}

#[test]
fn a_lane_that_would_measure_nothing_is_refused() {
    for (from, to, problem) in [
        ("requests: 4", "requests: 0", "`lane.requests` is 0"),
        ("kinds: [cold, health]", "kinds: []", "`lane.kinds` is empty"),
        ("kinds: [cold, health]", "kinds: [cold, cold]", "names `cold` twice"),
        ("requests: 4", "tolerance: -1", "`lane.tolerance` is -1 %"),
        ("requests: 4", "tolerance: .nan", "`lane.tolerance` is NaN %"),
    ] {
        let folder = short_lane();
        let path = folder.path().join("otelgate.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(from, to)).unwrap();

        lane_in(folder.path(), &[]).assert_code(2).assert_stderr(problem);
    }
}
