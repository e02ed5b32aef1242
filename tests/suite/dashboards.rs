//! `otelgate dashboards` on anyone's folder: exit codes, formats, errors with the next step.

use std::fs;
use std::path::PathBuf;

use crate::support::{Said, otelgate, root};

fn fixtures() -> PathBuf {
    root().join("fixtures/dashboards")
}

fn judged(arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    otelgate().arg("dashboards").args(arguments).current_dir(folder.path()).output().unwrap().into()
}

/// The path of a fixture as text.
fn at(name: &str) -> String {
    fixtures().join(name).display().to_string()
}

/// A copy of a fixture in which `from` became `to`.
fn broken(name: &str, from: &str, to: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(fixtures().join(name)).unwrap();
    assert!(text.contains(from), "{name} has no {from}");
    let path = folder.path().join("broken.json");
    fs::write(&path, text.replace(from, to)).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn right_dashboards_pass() {
    judged(&[&at("node"), "--scrape", &at("node/metrics.prom")]).assert_code(0).assert_stdout("PASS");
    judged(&[&at("spring/shop.json"), "--scrape", &at("spring/metrics.prom")]).assert_code(0).assert_stdout("PASS");
}

#[test]
fn a_defect_fails_in_every_format_and_names_the_nearest() {
    let (_folder, path) = broken("node/host.json", "node_load1{", "node_load{");
    let scrape = at("node/metrics.prom");
    let (_folder, path2) = broken("node/host.json", "node_load1 *", "node_load *");

    judged(&[&path2, "--scrape", &scrape])
        .assert_code(1)
        .assert_stdout("panel.metric-missing  host / Used, named / A / node_load")
        .assert_stdout("nearest  node_load1")
        .assert_stdout("^^^^^^^^^");
    for (format, part) in
        [("json", "\"id\": \"panel.metric-missing\""), ("junit", "panel.metric-missing"), ("github", "::error")]
    {
        judged(&[&path2, "--scrape", &scrape, "--format", format]).assert_code(1).assert_stdout(part);
    }
    // An `absent` of a metric that never existed fires for ever.
    judged(&[&path, "--scrape", &scrape]).assert_code(1).assert_stdout("node_load");
}

#[test]
fn rules_and_provisioning_are_judged_too() {
    let scrape = root().join("fixtures/captures/healthy/scrapes/0001.prom").display().to_string();

    judged(&[
        &at("rag/dashboards"),
        "--rules",
        &at("rag/rules.yml"),
        "--provisioning",
        &at("rag/provisioning"),
        "--scrape",
        &scrape,
    ])
    .assert_code(0)
    .assert_stdout("15 queries");
    judged(&[&at("node"), "--provisioning", &at("rag/provisioning"), "--scrape", &at("node/metrics.prom")])
        .assert_code(1)
        .assert_stdout("panel.datasource-unknown")
        .assert_stdout("dashboard.not-provisioned");
    judged(&["--rules", &at("rag/rules.yml"), "--scrape", &scrape]).assert_code(0).assert_stdout("4 queries");
}

#[test]
fn what_cannot_be_used_is_answered_with_the_next_step() {
    let scrape = at("node/metrics.prom");

    judged(&[]).assert_code(2).assert_stderr("name a dashboard or a folder");
    judged(&[&at("node")]).assert_code(2).assert_stderr("--scrape FILE or URL");
    judged(&["nowhere", "--scrape", &scrape]).assert_code(2).assert_stderr("nowhere");
    judged(&[&at("node"), "--scrape", "nowhere.prom"]).assert_code(2).assert_stderr("nowhere.prom");
    judged(&[&at("node"), "--scrape", &at("node/host.json")]).assert_code(2).assert_stderr("host.json");
    judged(&[&at("node"), "--scrape", "http://127.0.0.1:1/metrics"]).assert_code(3).assert_stderr("is the service up");
    judged(&[&at("node"), "--prometheus", "http://127.0.0.1:1"]).assert_code(3).assert_stderr("nobody answers");
    judged(&[&at("node"), "--grafana", "http://127.0.0.1:1"]).assert_code(3).assert_stderr("nobody answers");
}

#[test]
fn a_dashboard_that_is_no_json_is_a_violation_with_its_place() {
    let (_folder, path) = broken("node/host.json", "\"uid\": \"host\",", "\"uid\": \"host\",,");

    judged(&[&path, "--scrape", &at("node/metrics.prom")])
        .assert_code(1)
        .assert_stdout("dashboard.unreadable")
        .assert_stdout("broken.json:3:17");
}
