//! Reading contracts: what a good one becomes, and what is said about a bad one.

use std::path::{Path, PathBuf};

use otelgate_harness::contract::{self, Contract, MOST_BYTES, Pack, parse, parse_bytes, read, read_all};
use proptest::prelude::*;
use snapbox::{Data, assert_data_eq};

const GOOD: &str = r#"
version: 1
conventions: [http, genai]
resource:
  service.name: rag-service
spans:
  rag.*: {kind: internal, open: true}
traces:
  cold-query:
    span: "{http.request.method} {http.route}"
    kind: server
    children:
    - span: rag.query
      count: 1..2
      attributes: &query {cache.hit: no, results.count: {type: int, min: 1}}
  cached-query:
    span: rag.query
    attributes: *query
scenarios:
  cold query: [cold-query, none]
  cached query: cached-query
metrics:
  rag_query_duration_seconds: {kind: histogram, unit: s, buckets: [0.1, 0.5, 1]}
relations:
- name: every request is measured
  equal: [requests: {path: /api/rag}, metric: rag_query_duration_seconds]
never:
- text: "sk-[a-z]+"
  because: keys
waivers:
- {finding: span.orphan, subject: cold query / SET, reason: to be mended}
"#;

fn bad() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/bad/contracts")
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    files
}

#[test]
fn each_bad_contract_is_refused_with_its_message() {
    let files = yaml_files(&bad());

    assert!(files.len() >= 40, "only {} fixtures", files.len());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(&path).unwrap();

        let error = parse_bytes(&bytes, name).expect_err(name);

        assert!(error.problems.iter().all(|problem| problem.file == name), "{error}");
        assert_data_eq!(format!("{error}\n"), Data::read_from(&path.with_extension("txt"), None).raw());
    }
}

#[test]
fn every_message_about_a_place_names_line_and_column() {
    // These concern the file as a whole.
    let whole = ["empty.yaml", "only-comments.yaml"];

    for path in yaml_files(&bad()) {
        let name = path.file_name().unwrap().to_str().unwrap();

        let error = read(&path).unwrap_err();

        let placed = error.problems.iter().all(|problem| problem.at.is_some());
        assert_eq!(placed, !whole.contains(&name), "{error}");
    }
}

#[test]
fn names_given_in_two_files_are_refused_with_both_places() {
    let folder = bad().join("across-files");
    let root = format!("{}/", folder.display());

    let error = read_all(&[folder.join("metrics.yaml"), folder.join("traces.yaml")]).unwrap_err();

    let text = format!("{error}\n").replace(&root, "");
    assert_data_eq!(text, Data::read_from(&bad().join("across-files.txt"), None).raw());
}

#[test]
fn files_become_one_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one.yaml"), folder.path().join("two.yaml"));
    std::fs::write(
        &one,
        "version: 1\nconventions: [http]\nscenarios: {cold query: cold-query}\nlogs: {correlated: true}\n",
    )
    .unwrap();
    std::fs::write(&two, "version: 1\nconventions: [http, genai]\ntraces: {cold-query: {span: rag.query}}\n").unwrap();

    let contract = read_all(&[one, two]).unwrap();

    assert_eq!(contract.conventions, [Pack::Http, Pack::Genai]);
    assert!(contract.traces.contains_key("cold-query") && contract.scenarios.contains_key("cold query"));
    assert!(contract.logs.correlated);
}

#[test]
fn one_file_or_two_halves_give_the_same_contract() {
    let folder = tempfile::tempdir().unwrap();
    let (head, tail) = GOOD.split_once("metrics:").unwrap();
    let (one, two) = (folder.path().join("one.yaml"), folder.path().join("two.yaml"));
    std::fs::write(&one, head).unwrap();
    std::fs::write(&two, format!("version: 1\nmetrics:{tail}")).unwrap();

    let halves = read_all(&[one, two]).unwrap();

    assert_eq!(halves, parse(GOOD, "good.yaml").unwrap());
}

#[test]
fn a_good_contract_is_read_whole() {
    let contract = parse(GOOD, "good.yaml").unwrap();

    let query = &contract.traces["cold-query"].children[0];
    assert_eq!(query.count, contract::Range { min: 1, max: Some(2) });
    // `no` is a word, not a truth value; the anchor's attributes are those of both traces.
    let word = contract::Expect::Equal(contract::Scalar::Str("no".to_owned()));
    assert_eq!(query.attributes["cache.hit"], word);
    assert_eq!(contract.traces["cached-query"].attributes, query.attributes);
    assert_eq!(contract.scenarios["cold query"].at(1), Some("none"));
    assert_eq!(contract.metrics.len() + contract.relations.len() + contract.never.len() + contract.waivers.len(), 4);
}

#[test]
fn thirty_spans_under_one_another_fit_a_small_stack() {
    let (open, close) = ("{span: a, children: [".repeat(29), "]}".repeat(29));
    let text = format!("version: 1\ntraces: {{deep: {open}{{span: b}}{close}}}\nscenarios: {{deep: deep}}\n");

    let small = std::thread::Builder::new().stack_size(1 << 21).spawn(move || parse(&text, "deep.yaml")).unwrap();

    assert!(small.join().unwrap().unwrap().traces.contains_key("deep"));
}

#[test]
fn the_smallest_contract_is_its_version() {
    let contract = parse("version: 1", "small.yaml").unwrap();

    assert_eq!(contract, Contract { version: 1, ..Contract::default() });
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_contract() {
    let contract = parse_bytes(b"\xef\xbb\xbfversion: 1\n", "windows.yaml").unwrap();

    assert_eq!(contract.version, 1);
}

#[test]
fn a_file_over_the_limit_is_refused_before_it_is_read_as_yaml() {
    let most = usize::try_from(MOST_BYTES).unwrap();
    let mut text = b"version: 1\n#".to_vec();
    text.resize(most, b'x');
    parse_bytes(&text, "large.yaml").unwrap();

    text.push(b'x');
    let error = parse_bytes(&text, "large.yaml").unwrap_err();

    assert_eq!(error.to_string(), "large.yaml: larger than 4 MiB, the limit; split it");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read(Path::new("no/such/contract.yaml")).unwrap_err();

    let text = error.to_string();
    assert!(text.starts_with("no/such/contract.yaml: cannot be read: "), "{text}");
    assert!(text.ends_with("; check the path"), "{text}");
}

#[test]
fn problems_of_all_files_are_told_together() {
    let error = read_all(&[PathBuf::from("no/one.yaml"), PathBuf::from("no/two.yaml")]).unwrap_err();

    assert_eq!(error.problems.len(), 2);
}

#[test]
fn no_file_at_all_is_an_error() {
    let error = read_all(&[]).unwrap_err();

    assert!(error.to_string().contains("no file is named"), "{error}");
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        if let Err(error) = parse_bytes(&bytes, "any.yaml") {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.to_string().starts_with("any.yaml"));
        }
    }

    #[test]
    fn a_damaged_contract_never_panics(
        at in 0..GOOD.len(),
        length in 0..24_usize,
        patch in "[-\\[\\]{}:,&*!|>'\"#%@` \nA-z0-9.]{0,12}",
    ) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let end = (at + length).min(bytes.len());
        bytes.splice(at..end, patch.bytes());

        if let Err(error) = parse_bytes(&bytes, "damaged.yaml") {
            prop_assert!(!error.problems.is_empty());
            prop_assert!(error.problems.iter().all(|problem| !problem.message.is_empty()));
        }
    }
}
