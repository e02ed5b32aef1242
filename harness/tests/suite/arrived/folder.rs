//! What arrived, saved and loaded.

use std::fs;

use otelgate_harness::capture::arrived::{Arrived, BackEnd, Maker, StoredMetrics, StoredSample, StoredSeries};
use otelgate_harness::capture::{Capture, LoadErrorKind, load, save};

use super::healthy;

fn saved(capture: &Capture) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    save(capture, dir.path()).unwrap();
    dir
}

#[test]
fn what_arrived_survives_saving() {
    let given = &healthy().0;

    let loaded = load(saved(given).path()).unwrap();

    assert_eq!(format!("{:?}", loaded.arrived), format!("{:?}", given.arrived));
    assert_eq!(loaded.arrived.back_ends[0].to_string(), "Jaeger 2.13.0 (original)");
}

#[test]
fn numbers_that_json_does_not_have_survive_saving() {
    let samples = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(|value| StoredSample { time: 1, value }).to_vec();
    let metrics =
        StoredMetrics { series: vec![StoredSeries { samples, ..StoredSeries::default() }], ..StoredMetrics::default() };
    let given = Capture { arrived: Arrived { metrics: Some(metrics), ..Arrived::default() }, ..Capture::default() };

    let loaded = load(saved(&given).path()).unwrap();

    assert_eq!(format!("{:?}", loaded.arrived), format!("{:?}", given.arrived));
}

#[test]
fn a_store_without_spans_is_not_a_store_nobody_asked() {
    let asked = Capture { arrived: Arrived { traces: Some(Vec::new()), ..Arrived::default() }, ..Capture::default() };

    let loaded = load(saved(&asked).path()).unwrap();
    let without = load(saved(&Capture::default()).path()).unwrap();

    assert_eq!(loaded.arrived.traces, Some(Vec::new()));
    assert_eq!(without.arrived, Arrived::default());
}

#[test]
fn a_capture_saved_over_an_older_one_keeps_nothing_of_it() {
    let dir = saved(&healthy().0);

    save(&Capture::default(), dir.path()).unwrap();

    assert!(load(dir.path()).unwrap().arrived.is_empty());
}

#[test]
fn a_lost_line_of_spans_is_noticed() {
    let dir = saved(&healthy().0);
    fs::write(dir.path().join("arrived/traces.jsonl"), "").unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Count { what: "arrived spans", wanted: 44, found: 0 }), "{error}");
}

#[test]
fn a_missing_list_of_back_ends_is_named() {
    let dir = saved(&healthy().0);
    fs::remove_file(dir.path().join("arrived/back-ends.json")).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::MissingFile), "{error}");
    assert!(error.path.ends_with("arrived/back-ends.json"), "{error}");
}

#[test]
fn an_unknown_file_is_named() {
    let dir = saved(&healthy().0);
    fs::write(dir.path().join("arrived/notes.txt"), "").unwrap();

    let error = load(dir.path()).unwrap_err().to_string();

    assert!(error.contains("notes.txt: this is no file of `arrived/`, which holds back-ends.json"), "{error}");
}

#[test]
fn an_unknown_member_is_named_with_its_place() {
    let back_end =
        BackEnd { name: "jaeger".to_owned(), product: "Jaeger".to_owned(), version: None, maker: Maker::Original };
    let given = Capture { arrived: Arrived { back_ends: vec![back_end], ..Arrived::default() }, ..Capture::default() };
    let dir = saved(&given);
    let path = dir.path().join("arrived/back-ends.json");
    let text = fs::read_to_string(&path).unwrap().replace("product", "produce");
    fs::write(&path, text).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert_eq!(error.line, Some(4), "{error}");
    assert!(error.to_string().contains("unknown field `produce`"), "{error}");
}

#[test]
fn a_cut_file_is_truncated() {
    let dir = saved(&healthy().0);
    let path = dir.path().join("arrived/metrics.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Truncated), "{error}");
}
