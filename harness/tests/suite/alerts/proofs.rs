//! Files of proofs that cannot be meant.

use otelgate_harness::alerts;

const SCENARIOS: &str = "version: 1
scenarios:
- scenario: well
  requests: [{request: GET /}]
- scenario: failing
  given: {model: [{status: 500}]}
  requests: [{request: GET /}]
";

/// Reads a file with these healthy and proof parts, beside a file of scenarios.
fn read(rest: &str) -> Result<alerts::Proofs, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scenarios.yaml"), SCENARIOS).unwrap();
    let file = folder.path().join("proofs.yaml");
    std::fs::write(&file, format!("version: 1\nscenarios: [scenarios.yaml]\n{rest}")).unwrap();
    alerts::read(&file).map_err(|error| error.to_string().replace(&folder.path().display().to_string(), ""))
}

#[test]
fn a_file_of_proofs_is_read_with_its_scenarios() {
    let proofs =
        read("windows-divided-by: 100\nenv: {T: '1'}\nhealthy: {drive: well}\nproofs: [{alert: A, drive: failing, also: [B]}]")
            .unwrap();

    assert_eq!(proofs.loaded.len(), 2);
    assert_eq!(proofs.env, [("T".to_owned(), "1".to_owned())].into());
    assert_eq!((proofs.healthy.every_ms, proofs.proofs[0].every_ms), (100, 100));
    assert_eq!(proofs.proofs[0].also, ["B"]);
}

#[test]
fn what_cannot_be_meant_is_told_with_its_place() {
    let head = "windows-divided-by: 100\nhealthy: {drive: well}\n";
    for (rest, wanted) in [
        (
            "windows-divided-by: 0\nhealthy: {drive: well}\nproofs: [{alert: A, drive: well}]".to_owned(),
            ":3:21: windows cannot be divided by 0",
        ),
        (
            "windows-divided-by: 9\nhealthy: {drive: wel}\nproofs: [{alert: A, drive: well}]".to_owned(),
            ":4:18: no scenario `wel`",
        ),
        (format!("{head}proofs: []"), ":5:1: `proofs` is empty"),
        (format!("{head}proofs:\n- {{alert: A, drive: fail}}"), ":6:21: no scenario `fail`"),
        (format!("{head}proofs:\n- {{alert: A}}"), ":6:3: induces nothing"),
        (
            format!("{head}proofs:\n- {{alert: A, drive: well}}\n- {{alert: A, drive: well}}"),
            ":7:11: `A` is proven twice",
        ),
        (
            format!("{head}proofs:\n- {{alert: A, stop: service}}\n- {{alert: B, drive: well}}"),
            ":7:3: comes after a proof that stops the service",
        ),
        (format!("{head}proofs:\n- {{alert: A, drives: well}}"), "unknown key `drives`"),
    ] {
        let error = read(&rest).unwrap_err();

        assert!(error.contains(wanted), "wanted {wanted}\nfound {error}");
    }
}
