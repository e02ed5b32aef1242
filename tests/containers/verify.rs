//! `otelgate verify --stack containers`

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use crate::Test;
use crate::built::{rag_service, root};
use crate::fixture::Fixture;
use crate::leftovers;

pub(crate) const TESTS: &[Test] = &[
    ("verify::a_healthy_service_passes_and_nothing_is_left", a_healthy_service_passes_and_nothing_is_left),
    ("verify::spans_that_are_not_flushed_at_shutdown_are_missed", spans_that_are_not_flushed_at_shutdown_are_missed),
];

/// `otelgate` on containers, in the repository, with the reference service built by the same `cargo test`.
pub(crate) fn otelgate(arguments: &[&str]) -> Command {
    otelgate_on("containers", arguments)
}

/// The same on a stack of this kind.
pub(crate) fn otelgate_on(stack: &str, arguments: &[&str]) -> Command {
    otelgate_of(&rag_service(), stack, arguments)
}

fn otelgate_of(service: &Path, stack: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_otelgate"));
    command
        .args(arguments)
        .args(["--stack", stack, "--progress", "plain", "--service-command"])
        .arg(service)
        .current_dir(root())
        .env_remove("OTELGATE_CONFIG")
        .env("NO_COLOR", "1");
    command
}

/// The run's id, from a line of progress.
pub(crate) fn run_of(line: &str) -> Option<String> {
    line.split_once("stack of run ").map(|(_, run)| run.trim().to_owned())
}

/// Standard error of a finished `otelgate`, and its run.
pub(crate) fn told(output: &Output) -> (String, Option<String>) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let run = text.lines().find_map(run_of);
    (text, run)
}

fn a_healthy_service_passes_and_nothing_is_left(fixture: &Fixture) {
    let output = otelgate(&["verify"]).output().unwrap();

    let (told, run) = told(&output);
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("PASS"), "{report}\n{told}");
    assert!(report.contains("· containers ·"), "{report}");
    leftovers::assert_none(fixture, &run.unwrap());
}

fn spans_that_are_not_flushed_at_shutdown_are_missed(_: &Fixture) {
    let folder = tempfile::tempdir().unwrap();
    let abrupt = folder.path().join("abrupt");
    // The first `wait` ends at the signal, the second when the service is gone.
    let script = format!("#!/bin/sh\n'{}' &\ntrap \"kill -9 $!\" TERM\nwait\nwait\nexit 0\n", rag_service().display());
    fs::write(&abrupt, script).unwrap();
    fs::set_permissions(&abrupt, Permissions::from_mode(0o755)).unwrap();

    let output = otelgate_of(&abrupt, "containers", &["verify"]).output().unwrap();

    let (told, _) = told(&output);
    let report = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{report}\n{told}");
    assert!(report.contains("trace.missing"), "{report}");
}
