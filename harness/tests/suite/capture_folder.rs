//! Saving and loading a capture.

use std::fs;
use std::path::Path;

use otelgate_harness::capture::{Capture, LoadErrorKind, SaveError, Scrape, Span, load, save};
use proptest::prelude::*;

use super::capture_arbitrary::{capture, printed};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn what_was_saved_is_what_is_loaded(given in capture()) {
        let dir = tempfile::tempdir().unwrap();

        save(&given, dir.path()).unwrap();
        let loaded = load(dir.path()).unwrap();

        prop_assert_eq!(printed(&loaded), printed(&given));
    }

    #[test]
    fn a_capture_cut_anywhere_is_an_error_or_complete(given in capture(), cut in any::<prop::sample::Index>()) {
        let dir = tempfile::tempdir().unwrap();
        save(&given, dir.path()).unwrap();
        let path = dir.path().join("traces.jsonl");
        let whole = fs::read(&path).unwrap();
        let kept = cut.index(whole.len() + 1);
        fs::write(&path, &whole[..kept]).unwrap();

        let loaded = load(dir.path());

        match loaded {
            Ok(loaded) => prop_assert_eq!(loaded.spans.len(), given.spans.len()),
            Err(error) => prop_assert_eq!(error.path, path),
        }
    }
}

/// A capture of `count` spans, each named by its position.
fn spans(count: usize) -> Capture {
    let span = |position: usize| Span { name: position.to_string().into(), ..Span::default() };
    Capture { spans: (0..count).map(span).collect(), ..Capture::default() }
}

fn saved(capture: &Capture) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    save(capture, dir.path()).unwrap();
    dir
}

#[test]
fn the_order_of_many_spans_survives_reading_in_parallel() {
    let given = spans(60_000);
    let dir = saved(&given);
    assert!(fs::metadata(dir.path().join("traces.jsonl")).unwrap().len() > 4 << 20, "several blocks");

    let loaded = load(dir.path()).unwrap();

    assert!(loaded == given);
}

#[test]
fn a_newer_capture_replaces_an_older_one() {
    let text = "a 1\n".to_owned();
    let older = Capture { scrapes: vec![Scrape::of_exposition(1, "here", text).unwrap()], ..spans(3) };
    let dir = saved(&older);

    save(&spans(1), dir.path()).unwrap();

    assert_eq!(load(dir.path()).unwrap(), spans(1));
    assert_eq!(fs::read_dir(dir.path().join("scrapes")).unwrap().count(), 0);
}

#[test]
fn a_folder_with_something_else_in_it_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.tex"), "years of work").unwrap();

    let error = save(&spans(1), dir.path()).unwrap_err();

    assert!(matches!(error, SaveError::Occupied { .. }), "{error}");
    assert!(error.to_string().contains("thesis.tex"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_missing_folder_says_what_to_give() {
    let error = load(Path::new("/no/such/capture")).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Missing), "{error}");
    assert!(error.to_string().starts_with("/no/such/capture: there is no such file or folder: give"), "{error}");
}

#[test]
fn an_empty_folder_is_no_capture() {
    let dir = tempfile::tempdir().unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::EmptyFolder), "{error}");
}

#[cfg(unix)]
#[test]
fn a_device_is_no_capture() {
    let error = load(Path::new("/dev/null")).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::NotAFolder), "{error}");
}

#[test]
fn a_truncated_line_is_named_with_its_file_line_and_byte() {
    let dir = saved(&spans(600));
    let path = dir.path().join("traces.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    let first_line = whole.find('\n').unwrap() + 1;
    fs::write(&path, &whole[..first_line + 100]).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Truncated), "{error}");
    assert_eq!(error.path, path);
    assert_eq!(error.line, Some(2));
    assert_eq!(error.offset, Some(first_line as u64 + 99));
    assert!(error.to_string().contains("traces.jsonl, line 2, byte"), "{error}");
    assert!(error.to_string().contains("remove the line or record again"), "{error}");
}

#[test]
fn a_line_lost_whole_is_noticed() {
    let dir = saved(&spans(600));
    let path = dir.path().join("traces.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..=whole.find('\n').unwrap()]).unwrap();

    let error = load(dir.path()).unwrap_err();

    let LoadErrorKind::Count { what: "spans", wanted: 600, found: 512 } = error.kind else { panic!("{error}") };
}

#[test]
fn a_lost_file_is_noticed() {
    let dir = saved(&spans(1));
    fs::remove_file(dir.path().join("logs.jsonl")).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::MissingFile), "{error}");
    assert_eq!(error.path, dir.path().join("logs.jsonl"));
}

#[test]
fn an_interrupted_save_is_no_capture() {
    let dir = saved(&spans(1));
    fs::remove_file(dir.path().join("run.json")).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Unfinished), "{error}");
}

#[test]
fn another_version_is_refused_before_anything_else_is_read() {
    let dir = saved(&spans(1));
    fs::write(dir.path().join("run.json"), r#"{"format": "otelgate-capture", "version": 2, "novelty": 1}"#).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Version { .. }), "{error}");
    assert!(error.to_string().contains("the capture is of version 2, and this program reads version 1"), "{error}");
}

#[test]
fn a_run_json_of_another_program_is_refused() {
    let dir = saved(&spans(1));
    fs::write(dir.path().join("run.json"), r#"{"name": "web"}"#).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(matches!(error.kind, LoadErrorKind::Format { .. }), "{error}");
}

#[test]
fn an_unknown_key_in_run_json_is_named() {
    let dir = saved(&spans(1));
    let path = dir.path().join("run.json");
    let text = fs::read_to_string(&path).unwrap().replacen("\"id\"", "\"idd\"", 1);
    fs::write(&path, text).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(error.to_string().contains("`idd`"), "{error}");
}

#[test]
fn a_bad_line_says_what_it_should_be() {
    let dir = saved(&spans(1));
    let path = dir.path().join("traces.jsonl");
    let text = fs::read_to_string(&path).unwrap().replace(&"0".repeat(16), "0123");
    fs::write(&path, text).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(error.to_string().contains("expected 32 hexadecimal digits"), "{error}");
    assert_eq!(error.line, Some(1));
}

#[test]
fn a_bad_line_of_exposition_text_is_named() {
    let scrape = Scrape::of_exposition(1, "here", "a 1\nb 2\n".to_owned()).unwrap();
    let dir = saved(&Capture { scrapes: vec![scrape], ..Capture::default() });
    let path = dir.path().join("scrapes/0000.prom");
    fs::write(&path, "a 1\nb two\n").unwrap();

    let error = load(dir.path()).unwrap_err();

    assert_eq!((error.path.as_path(), error.line), (path.as_path(), Some(2)));
    assert!(error.to_string().contains("`b two`"), "{error}");
}

#[test]
fn an_index_cannot_name_a_file_outside_the_folder() {
    let dir = saved(&Capture::default());
    let line = r#"{"time": 1, "source": "x", "text": "scrapes/../../secret"}"#;
    fs::write(dir.path().join("scrapes.jsonl"), line).unwrap();

    let error = load(dir.path()).unwrap_err();

    assert!(error.to_string().contains("is not a file of `scrapes/`"), "{error}");
}
