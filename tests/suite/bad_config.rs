//! Configurations, scenarios and captures that cannot be used: the place, the next step, exit code 2, nothing started.

use std::path::Path;

use crate::support::{Said, otelgate, project, root};

fn verify_in(folder: &Path) -> Said {
    otelgate().arg("verify").current_dir(folder).output().unwrap().into()
}

/// A project whose configuration had `from` replaced by `to`.
fn project_with(from: &str, to: &str) -> tempfile::TempDir {
    let folder = project("[never-started]", "");
    let path = folder.path().join("otelgate.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "the configuration has no `{from}`");
    std::fs::write(&path, text.replace(from, to)).unwrap();
    folder
}

#[test]
fn a_missing_configuration_is_named() {
    let folder = tempfile::tempdir().unwrap();

    verify_in(folder.path()).assert_code(2).assert_stderr("otelgate.yaml");
}

#[test]
fn an_unknown_key_is_answered_with_place_and_nearest_key() {
    let folder = project_with("metrics: /metrics", "metrix: /metrics");

    verify_in(folder.path())
        .assert_code(2)
        .assert_stderr("otelgate.yaml:")
        .assert_stderr("`metrix`")
        .assert_stderr("`metrics`");
}

#[test]
fn another_version_is_refused() {
    let folder = project_with("version: 1", "version: 7");

    verify_in(folder.path()).assert_code(2).assert_stderr("version 7");
}

#[test]
fn an_unknown_placeholder_is_answered_with_the_nearest() {
    let folder = project_with("${collector.grpc}", "${collector.grpcc}");

    verify_in(folder.path())
        .assert_code(2)
        .assert_stderr("OTEL_EXPORTER_OTLP_ENDPOINT")
        .assert_stderr("`${collector.grpcc}` stands for nothing here; known are collector.grpc");
}

#[test]
fn an_address_pattern_without_a_group_is_refused() {
    let folder = project_with("(http://[0-9.:]+)", "http://[0-9.:]+");

    verify_in(folder.path()).assert_code(2).assert_stderr("has no group");
}

#[test]
fn scenarios_that_cannot_be_used_are_named() {
    for (text, wanted) in [
        ("version: 1\nscenarios: []\n", "no scenario"),
        ("version: 1\nscenarios:\n- scenario: a\n  requests: []\n", "sends nothing"),
        ("version: 2\nscenarios:\n- scenario: a\n  requests: [{request: GET /}]\n", "version 2"),
        (
            "version: 1\nscenarios:\n- scenario: a\n  requests: [{request: GET /}]\n- scenario: a\n  requests: [{request: GET /}]\n",
            "there twice",
        ),
        ("version: 1\nscenarios:\n- scenario: a\n  each: {from: nowhere}\n  requests: [{request: GET /}]\n", "nowhere"),
    ] {
        let fixtures = root().join("fixtures");
        let folder = project_with(&format!("{}/scenarios/rag-service.yaml", fixtures.display()), "scenarios.yaml");
        std::fs::write(folder.path().join("scenarios.yaml"), text).unwrap();

        verify_in(folder.path()).assert_code(2).assert_stderr("scenarios.yaml").assert_stderr(wanted);
    }
}

#[test]
fn a_capture_that_cannot_be_read_is_named() {
    let folder = project("[never-started]", "");
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    let whole = root().join("fixtures/captures/healthy");
    std::fs::create_dir(folder.path().join("cut")).unwrap();
    let traces = std::fs::read(whole.join("traces.jsonl")).unwrap();
    std::fs::write(folder.path().join("cut/traces.jsonl"), &traces[..traces.len() / 2]).unwrap();
    std::fs::create_dir(folder.path().join("future")).unwrap();
    let run = std::fs::read_to_string(whole.join("run.json")).unwrap();
    std::fs::write(folder.path().join("future/run.json"), run.replace("\"version\": 1", "\"version\": 99")).unwrap();

    for (name, wanted) in
        [("nowhere", "nowhere"), ("empty", "empty"), ("cut", "traces.jsonl, line 2, byte"), ("future", "99")]
    {
        let said: Said = otelgate().args(["check", name]).current_dir(folder.path()).output().unwrap().into();

        said.assert_code(2).assert_stderr(wanted);
    }
}

#[test]
fn a_folder_to_save_into_that_holds_something_is_refused_before_anything_starts() {
    let folder = project("[never-started]", "");
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/file"), "precious").unwrap();

    let said: Said = otelgate().args(["verify", "--save", "full"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("full");
}

#[test]
fn an_unknown_key_of_the_servers_is_answered_with_place_and_nearest_key() {
    let folder = project_with("rules: [", "rulez: [");

    verify_in(folder.path())
        .assert_code(2)
        .assert_stderr("otelgate.yaml:")
        .assert_stderr("`rulez`")
        .assert_stderr("`rules`");
}

#[test]
fn keeping_containers_that_are_none_is_refused() {
    let folder = project("[never-started]", "");

    let said: Said = otelgate().args(["verify", "--keep"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("--stack containers");
}

#[test]
fn an_external_stack_without_servers_is_refused_with_what_to_name() {
    let folder = project("[never-started]", "");

    let said: Said =
        otelgate().args(["verify", "--stack", "external"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("`external`").assert_stderr("--jaeger-url");
}

#[test]
fn half_of_what_an_external_server_needs_is_refused_with_the_other_half() {
    let folder = project("[never-started]", "");

    let half = ["verify", "--stack", "external", "--jaeger-url", "http://127.0.0.1:16686"];
    let said: Said = otelgate().args(half).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("`--jaeger-otlp-url`");
}

#[test]
fn a_file_for_a_server_that_is_not_there_is_named_before_anything_is_built() {
    let folder = project_with("compose/prometheus.yml", "compose/prometeus.yml");

    let said: Said =
        otelgate().args(["verify", "--stack", "containers"]).current_dir(folder.path()).output().unwrap().into();

    said.assert_code(2).assert_stderr("compose/prometeus.yml: cannot be read").assert_stderr("`back-ends`");
}
