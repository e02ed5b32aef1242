//! `otelgate reaper`: ends what a killed run leaves behind.

use std::process::Command;

use otelgate_harness::finding::Verdict;
use otelgate_harness::lifeline::{self, Lifeline};

use crate::exit::Failure;

/// Does the reaper's work with standard input.
pub(crate) fn run() -> Result<Option<Verdict>, Failure> {
    lifeline::reap(std::io::stdin().lock()).map(|()| None).map_err(|error| Failure::Environment(error.to_string()))
}

/// Starts ourselves as the reaper of this run.
pub(crate) fn start() -> Result<Lifeline, Failure> {
    let started = std::env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        command.arg("reaper");
        Lifeline::start(command)
    });
    started.map_err(|error| Failure::Environment(format!("no reaper could be started: {error}")))
}
