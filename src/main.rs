//! `otelgate`: proves that a service's telemetry is right and complete.

mod alerts;
mod check;
mod cli;
mod dashboards;
mod exit;
mod explain;
mod interrupt;
mod judge;
mod lane;
mod load;
mod output;
mod overhead;
mod progress;
mod reaper;
mod stand_in;
mod tier;
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
        Command::Alerts(options) => runtime().and_then(|runtime| runtime.block_on(alerts::run(options, &cli.output))),
        Command::Load(options) => runtime().and_then(|runtime| runtime.block_on(load::run(options, &cli.output))),
        Command::Check(options) => check::run(options, &cli.output),
        Command::Dashboards(options) => {
            runtime().and_then(|runtime| runtime.block_on(dashboards::run(options, &cli.output)))
        }
        Command::Overhead(options) => {
            runtime().and_then(|runtime| runtime.block_on(overhead::run(options, &cli.output)))
        }
        Command::Lane(options) => runtime().and_then(|runtime| runtime.block_on(lane::run(options, &cli.output))),
        Command::Explain(options) => explain::run(options),
        Command::Reaper => reaper::run(),
        Command::StandIn(options) => runtime().and_then(|runtime| runtime.block_on(stand_in::run(options))),
    };
    exit::code(result)
}

fn runtime() -> Result<tokio::runtime::Runtime, exit::Failure> {
    tokio::runtime::Runtime::new().map_err(|error| exit::Failure::Environment(format!("no async runtime: {error}")))
}
