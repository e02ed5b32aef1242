//! One run of the program.

use std::time::Duration;

use otelgate_harness::config::{Config, LaneConfig};
use otelgate_harness::run::{Around, Choices};
use otelgate_harness::service::{Ended, run_to_end};

use super::Counts;
use super::callgrind::instructions;
use super::measure::{LaneError, Problem};
use super::valgrind::{self, callgrind};

/// How many lines of what a program complained of are quoted.
const QUOTED: usize = 5;

/// What the program is to do.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) kind: String,
    pub(super) telemetry: bool,
    pub(super) requests: u32,
}

impl Round {
    /// The program's own counts.
    pub(super) async fn counts(
        &self,
        config: &Config,
        lane: &LaneConfig,
        choices: &Choices<'_>,
    ) -> Result<Counts, LaneError> {
        let words = self.words(lane);
        let ended = self.run(&words, None, config, lane, choices).await?;
        self.read(&words, &ended)
    }

    /// The instructions of a whole run, from start to end.
    pub(super) async fn instructions(
        &self,
        config: &Config,
        lane: &LaneConfig,
        choices: &Choices<'_>,
        valgrind: &str,
    ) -> Result<u64, LaneError> {
        let words = self.words(lane);
        let failed = |problem: Problem| LaneError::Program { command: words.join(" "), problem };
        let folder = tempfile::tempdir().map_err(|error| failed(Problem::NoFolder(error)))?;
        let file = folder.path().join("callgrind.out");
        let under_valgrind = [callgrind(valgrind, &file), words.clone()].concat();
        let ended = self.run(&under_valgrind, Some(valgrind::ENVIRONMENT), config, lane, choices).await?;
        self.read(&under_valgrind, &ended)?;
        let text = std::fs::read(&file).map_err(|error| failed(Problem::NoCallgrind(error)))?;
        instructions(&String::from_utf8_lossy(&text)).map_err(|error| failed(Problem::Callgrind(error)))
    }

    fn words(&self, lane: &LaneConfig) -> Vec<String> {
        let telemetry = if self.telemetry { "on" } else { "off" };
        let requests = self.requests.to_string();
        let more = ["--requests", &requests, "--telemetry", telemetry, "--kind", &self.kind];
        lane.command.iter().cloned().chain(more.map(str::to_owned)).collect()
    }

    /// Each run has a stack of its own: what an earlier one left in it, such as a cached answer, would be work saved.
    async fn run(
        &self,
        words: &[String],
        variable: Option<(&str, &str)>,
        config: &Config,
        lane: &LaneConfig,
        choices: &Choices<'_>,
    ) -> Result<Ended, LaneError> {
        let around = Around::up(config, choices).await?;
        let variable = variable.map(|(name, value)| (name.to_owned(), value.to_owned()));
        // Last, so that it goes before all others: what the lane says.
        let env = around.env().iter().cloned().chain(variable).chain(lane.env.clone());
        let within = Duration::from_millis(lane.within_ms);
        let ended = run_to_end(words, &config.service, env, choices.lifeline, choices.environment, within).await;
        let _nothing_is_left_of_stand_ins = around.down().await;
        Ok(ended?)
    }

    fn read(&self, words: &[String], ended: &Ended) -> Result<Counts, LaneError> {
        let failed = |problem| LaneError::Program { command: words.join(" "), problem };
        if !ended.status.success() {
            let lines: Vec<&str> = ended.stderr.lines().collect();
            let stderr = lines[lines.len().saturating_sub(QUOTED)..].join("\n");
            return Err(failed(Problem::Failed { status: ended.status.to_string(), stderr }));
        }
        Counts::read(&ended.stdout, self.requests, self.telemetry).map_err(|error| failed(Problem::Counts(error)))
    }
}
