//! A folder with a specimen to measure.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

use crate::built::built;
use crate::support::{Said, otelgate, root};

/// What the arms of an experiment are.
pub(super) struct Arms {
    /// Variables of the arm without telemetry, as YAML.
    pub(super) off: &'static str,
    /// Of the one with it.
    pub(super) on: &'static str,
    /// More of the configuration's `overhead`.
    pub(super) more: &'static str,
}

impl Default for Arms {
    fn default() -> Self {
        Self { off: "{INSTRUMENTATION: none}", on: "{INSTRUMENTATION: direct}", more: "" }
    }
}

/// A folder with an `otelgate.yaml` that measures the specimen.
pub(super) fn project(arms: &Arms) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let config = std::fs::read_to_string(root().join("loadtests/specimens/calibrate.yaml")).unwrap();
    let (config, _) = config.split_once("overhead:").unwrap();
    let config = config
        .lines()
        .filter(|line| !line.trim_start().starts_with("build:"))
        .map(|line| {
            line.replace("${cargo.target}/release/otelgate-specimen", &built("otelgate-specimen").to_string_lossy())
        })
        .map(|line| line.replace("../../fixtures/", &format!("{}/", root().join("fixtures").display())))
        .collect::<Vec<_>>()
        .join("\n");
    let workload = root().join("fixtures/workloads/specimen.yaml");
    let Arms { off, on, more } = arms;
    let overhead = format!("overhead:\n  workload: {}\n  off: {off}\n  on: {on}\n{more}", workload.display());
    std::fs::write(folder.path().join("otelgate.yaml"), format!("{config}\n{overhead}\n")).unwrap();
    folder
}

/// Runs a quick experiment of short launches, with these arguments besides.
pub(super) fn quick(folder: &TempDir, arguments: &[&str]) -> Said {
    let length: &[&str] = if arguments.contains(&"--seconds") { &[] } else { &["--seconds", "0.8"] };
    run(folder, &[&["--quick"], length, arguments].concat())
}

/// Runs `otelgate overhead`.
pub(super) fn run(folder: &TempDir, arguments: &[&str]) -> Said {
    experiment(folder, "overhead", arguments)
}

/// Runs a command that measures: one at a time, each has arms for all cores of a small machine.
pub(super) fn experiment(folder: &TempDir, command: &str, arguments: &[&str]) -> Said {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    otelgate().arg(command).args(arguments).current_dir(folder.path()).output().unwrap().into()
}

/// The outcome that was printed as JSON.
#[track_caller]
pub(super) fn outcome(said: &Said) -> Value {
    serde_json::from_str(&said.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", said.stdout, said.stderr))
}

/// The rules that did not hold.
#[track_caller]
pub(super) fn rules(outcome: &Value) -> Vec<&str> {
    outcome["invalid"].as_array().unwrap().iter().map(|invalid| invalid["rule"].as_str().unwrap()).collect()
}
