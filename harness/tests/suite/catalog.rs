//! The catalogue of finding ids, and that it is whole.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use otelgate_harness::finding::{CATALOG, GROUPS, entry};
use otelgate_harness::report::{catalog_markdown, explain};
use regex::Regex;
use snapbox::{assert_data_eq, file};

/// Every Rust file under `folder`.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// The crate's code without the catalogue itself and without comments, which name ids but produce none.
fn code() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > 20, "only {} files under {}", found.len(), root.display());
    found
        .into_iter()
        .filter(|(path, _)| !path.starts_with(root.join("finding/catalog")))
        .map(|(path, text)| {
            let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (path, lines.join("\n"))
        })
        .collect()
}

#[test]
fn every_finding_in_the_code_is_in_the_catalogue() {
    let call = Regex::new(r#"Finding::violation\(\s*"([^"]*)""#).unwrap();

    let mut seen = BTreeSet::new();
    let mut unknown = Vec::new();
    for (path, text) in code() {
        for id in call.captures_iter(&text).map(|captures| captures[1].to_owned()) {
            if entry(&id).is_none() {
                unknown.push(format!("{}: {id}", path.display()));
            }
            seen.insert(id);
        }
    }

    assert!(!seen.is_empty(), "the pattern matched no call at all");
    assert!(unknown.is_empty(), "add to harness/src/finding/catalog/:\n{}", unknown.join("\n"));
}

#[test]
fn every_id_of_the_catalogue_is_produced_somewhere() {
    let code: String = code().into_iter().map(|(_, text)| text).collect();

    let dead: Vec<&str> =
        CATALOG.iter().map(|entry| entry.id).filter(|id| !code.contains(&format!("\"{id}\""))).collect();

    assert!(dead.is_empty(), "no code says these findings; implement or remove them:\n{}", dead.join("\n"));
}

#[test]
fn ids_are_unique_and_entries_are_whole() {
    let mut ids = BTreeSet::new();
    for entry in CATALOG {
        assert!(ids.insert(entry.id), "{} is there twice", entry.id);
        assert!(entry.id.split('.').count() == 2, "{} is not family.word", entry.id);
        for text in [entry.title, entry.meaning, entry.example, entry.remedy] {
            assert!(!text.trim().is_empty(), "{} has an empty part", entry.id);
        }
        assert!(!entry.title.ends_with('.'), "the title of {} is a phrase, not a sentence", entry.id);
        assert!(entry.meaning.ends_with('.') && entry.remedy.ends_with('.'), "{} ends without a full stop", entry.id);
    }
    let grouped: usize = GROUPS.iter().map(|group| group.entries.len()).sum();
    assert_eq!(grouped, CATALOG.len());
}

#[test]
fn causes_come_before_their_consequences() {
    let at = |id: &str| CATALOG.iter().position(|entry| entry.id == id).unwrap();

    assert!(at("run.no-telemetry") < at("trace.missing"));
    assert!(at("trace.not-continued") < at("trace.missing"));
    assert!(at("span.misplaced") < at("span.missing"));
    assert!(at("span.missing") < at("attribute.missing"));
    assert!(at("metric.missing") < at("relation.broken"));
    assert!(at("log.one-channel") < at("relation.broken"));
}

#[test]
fn the_findings_document_is_the_catalogue() {
    let document = catalog_markdown();

    // A difference here is mended by SNAPSHOTS=overwrite, as the failure says.
    assert_data_eq!(document, file!["../../../docs/FINDINGS.md"].raw());
}

#[test]
fn explain_tells_meaning_example_and_remedy() {
    let text = explain("span.orphan").unwrap();

    let entry = entry("span.orphan").unwrap();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.starts_with("span.orphan: the span's parent is nowhere"), "{text}");
    for part in [entry.meaning, entry.remedy] {
        assert!(flat.contains(part), "{part}\nis not in\n{text}");
    }
    assert!(text.contains(entry.example), "{text}");
}

#[test]
fn explain_offers_the_nearest_ids() {
    let error = explain("span.mising").unwrap_err();

    assert_eq!(error.nearest[0], "span.missing");
    assert!(error.to_string().starts_with("there is no finding `span.mising`; nearest: span.missing"), "{error}");
}

#[test]
fn explain_without_anything_alike_names_the_document() {
    let error = explain("qqqq").unwrap_err();

    assert!(error.nearest.is_empty());
    assert!(error.to_string().contains("docs/FINDINGS.md"), "{error}");
}

#[test]
fn explain_lists_a_family() {
    let text = explain("relation").unwrap();

    let ids: Vec<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(ids, ["relation.broken", "relation.zero"]);
}
