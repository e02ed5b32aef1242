//! How the process ends.

use std::process::ExitCode;

use otelgate_harness::finding::Verdict;

/// Wrong usage, or a configuration, contract or capture that cannot be read.
const USAGE: u8 = 2;
/// The service was not built, did not start, ended by itself, or did not stop.
const ENVIRONMENT: u8 = 3;
/// Nothing is proven, either way.
const UNDECIDED: u8 = 4;
/// Interrupted, as shells say it: 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;

/// Why there is no verdict.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user's input cannot be used.
    Usage(String),
    /// The environment does not allow a verdict.
    Environment(String),
    /// What was measured proves nothing, either way.
    Undecided(String),
    /// Ctrl-C or SIGTERM.
    Interrupted(String),
}

impl Failure {
    /// What is said of it.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Usage(text) | Self::Environment(text) | Self::Undecided(text) | Self::Interrupted(text) => text,
        }
    }
}

/// The exit code of a finished command; tells a failure on standard error.
pub(crate) fn code(result: Result<Option<Verdict>, Failure>) -> ExitCode {
    let (code, text) = match result {
        Ok(None | Some(Verdict::Pass)) => return ExitCode::SUCCESS,
        Ok(Some(Verdict::Fail)) => return ExitCode::FAILURE,
        Err(Failure::Usage(text)) => (USAGE, text),
        Err(Failure::Environment(text)) => (ENVIRONMENT, text),
        Err(Failure::Undecided(text)) => (UNDECIDED, text),
        Err(Failure::Interrupted(text)) => (INTERRUPTED, text),
    };
    crate::output::error(&text);
    ExitCode::from(code)
}

/// The exit code of a command line that could not be read, or that asked for help.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nobody is left to tell if standard error is closed.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}
