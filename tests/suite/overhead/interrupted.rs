//! Ctrl-C in the middle: what was measured is kept and told, and nothing is left running.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::project::{Arms, project};
use crate::support::{Said, otelgate};

#[test]
fn what_was_measured_is_kept_and_no_service_is_left() {
    let folder = project(&Arms::default());
    let mut child = otelgate()
        .args(["overhead", "--seconds", "0.5", "--progress", "plain", "--format", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut progress = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(progress.any(|line| line.is_ok_and(|line| line.starts_with("launch 2 "))), "it never got that far");

    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();

    let rest: Vec<String> = progress.map_while(Result::ok).collect();
    let said = Said::from(child.wait_with_output().unwrap());
    said.assert_code(130);
    assert!(rest.join("\n").contains("interrupted after 1 launches; they are in the ledger"), "{rest:?}");
    let outcome: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(outcome["launches"].as_array().unwrap().len(), 1);
    assert!(outcome["reasons"][0].as_str().unwrap().starts_with("it was interrupted"), "{outcome}");
    let kept = std::fs::read_to_string(folder.path().join(".otelgate/launches.jsonl")).unwrap();
    assert_eq!(kept.lines().count(), 1);
    assert_nobody_runs_in(folder.path());
}

/// Nothing that works in the folder is left.
#[track_caller]
fn assert_nobody_runs_in(folder: &std::path::Path) {
    let folder = folder.canonicalize().unwrap();
    let working_there = |process: &std::fs::DirEntry| {
        std::fs::read_link(process.path().join("cwd")).is_ok_and(|directory| directory == folder)
    };
    let left: Vec<_> = std::fs::read_dir("/proc").unwrap().flatten().filter(working_there).collect();
    assert!(left.is_empty(), "{left:?}");
}
