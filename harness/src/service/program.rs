//! A program that is run to its end.

use std::process::ExitStatus;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use super::command::command;
use super::group::Group;
use crate::config::ServiceConfig;
use crate::lifeline::Lifeline;

/// How much of each output is read: nothing that ends by itself prints more, and what does not is not to fill our memory.
const MOST_OUTPUT: u64 = 16 << 20;

/// What a program left.
#[derive(Clone, Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// A program that left nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// It cannot be run.
    #[error("`{command}` cannot be run: {source}. Is it installed, and is the path right?")]
    NotStarted {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It did not end.
    #[error("`{command}` did not end within {} ms and was killed", within.as_millis())]
    NotEnded {
        /// The command.
        command: String,
        /// How long was waited.
        within: Duration,
    },
}

/// Runs a program in the folder of the service, with the variables it inherits and `env`, and waits for its end. Dropping
/// the future ends it and what it started; `lifeline` does should we be killed.
///
/// # Errors
/// If it cannot be started, or takes longer than `within`.
pub async fn run_to_end(
    words: &[String],
    config: &ServiceConfig,
    env: impl IntoIterator<Item = (String, String)>,
    lifeline: &Lifeline,
    inherited: impl Fn(&str) -> Option<String>,
    within: Duration,
) -> Result<Ended, ProgramError> {
    let not_started = |source| ProgramError::NotStarted { command: words.join(" "), source };
    let mut command = command(words, config, env, inherited).map_err(not_started)?;
    let mut group = Group::spawn(&mut command, lifeline).map_err(not_started)?;
    let (stdout, stderr) = (group.child().stdout.take(), group.child().stderr.take());
    let ending = async { tokio::join!(group.child().wait(), read(stdout), read(stderr)) };
    match tokio::time::timeout(within, ending).await {
        Ok((status, stdout, stderr)) => Ok(Ended { status: status.map_err(not_started)?, stdout, stderr }),
        Err(_) => Err(ProgramError::NotEnded { command: words.join(" "), within }),
    }
}

async fn read(stream: Option<impl AsyncRead + Unpin>) -> String {
    let mut bytes = Vec::new();
    if let Some(stream) = stream {
        // What was read before a failure is worth having; the status tells the rest.
        let _ = stream.take(MOST_OUTPUT).read_to_end(&mut bytes).await;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
