//! Judges a capture and prints the verdict.

use std::path::PathBuf;
use std::time::Instant;

use otelgate_harness::capture::Capture;
use otelgate_harness::checks::{self, Check};
use otelgate_harness::config::Config;
use otelgate_harness::contract::{self, Contract};
use otelgate_harness::dashboards;
use otelgate_harness::finding::{Outcome, Verdict};
use otelgate_harness::report::{self, Report, RunSummary, TerminalOptions};

use crate::cli::{Format, Output};
use crate::exit::Failure;
use crate::output;

/// Reads contracts as one.
pub(crate) fn read_contracts(paths: &[PathBuf]) -> Result<Contract, Failure> {
    contract::read_all(paths).map_err(|error| Failure::Usage(error.to_string()))
}

/// Reads the contracts that a configuration names, and the dashboards that have to show what they promise.
pub(crate) fn read_promises(config: &Config) -> Result<Contract, Failure> {
    let mut contract = read_contracts(&config.contracts)?;
    contract.dashboards = dashboards::load(&config.dashboards).map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(contract)
}

/// Judges `capture` by `checks`, prints the report in the format asked for, and returns the verdict. `stack` says where the
/// telemetry came from, `began` when the work for it started.
pub(crate) fn print(
    checks: &[Check],
    capture: &Capture,
    contract: &Contract,
    stack: &str,
    began: Instant,
    output: &Output,
) -> Result<Verdict, Failure> {
    let outcome = checks::judge_by(checks, capture, contract);
    render(&outcome, capture, summary(capture, stack), began, output)?;
    Ok(outcome.verdict)
}

/// What a run was, for a report; `stack` says where the telemetry came from.
pub(crate) fn summary(capture: &Capture, stack: &str) -> RunSummary {
    RunSummary { stack: stack.to_owned(), ..RunSummary::of(capture) }
}

/// Prints an outcome in the format asked for.
pub(crate) fn render(
    outcome: &Outcome,
    capture: &Capture,
    mut summary: RunSummary,
    began: Instant,
    output: &Output,
) -> Result<(), Failure> {
    summary.versions.insert("otelgate".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    summary.duration = began.elapsed();
    let report = Report::new(outcome, capture, &summary);
    let unprintable = |error: &dyn std::fmt::Display| Failure::Environment(format!("no report: {error}"));
    match output.format {
        Format::Text => {
            let options =
                TerminalOptions { colour: output::colour(output), width: output::width(), full: output.details };
            output::write(|out| report::terminal(&report, options, out))?;
        }
        Format::Json => {
            let text = report::json(&report).map_err(|error| unprintable(&error))?;
            output::write(|out| writeln!(out, "{text}"))?;
        }
        Format::Junit => {
            let text = report::junit(&report).map_err(|error| unprintable(&error))?;
            output::write(|out| writeln!(out, "{text}"))?;
        }
        Format::Github => {
            output::write(|out| write!(out, "{}", report::github_annotations(&report)))?;
            output::step_summary(&report::github_summary(&report))?;
        }
    }
    Ok(())
}
