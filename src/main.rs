//! `otelgate`: proves that a service's telemetry is right and complete.

mod check;
mod cli;
mod exit;
mod explain;
mod interrupt;
mod judge;
mod output;
mod progress;
mod up;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    let result = match &cli.command {
        Command::Verify(options) => runtime().and_then(|runtime| runtime.block_on(verify::run(options, &cli.output))),
        Command::Up(options) => runtime().and_then(|runtime| runtime.block_on(up::run(options, &cli.output))),
        Command::Check(options) => check::run(options, &cli.output),
        Command::Explain(options) => explain::run(options),
    };
    exit::code(result)
}

fn runtime() -> Result<tokio::runtime::Runtime, exit::Failure> {
    tokio::runtime::Runtime::new().map_err(|error| exit::Failure::Environment(format!("no async runtime: {error}")))
}
