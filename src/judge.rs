//! Judges a capture and prints the verdict.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use otelgate_harness::capture::Capture;
use otelgate_harness::checks;
use otelgate_harness::contract::{self, Contract};
use otelgate_harness::finding::Verdict;
use otelgate_harness::report::{self, Report, RunSummary, TerminalOptions};

use crate::cli::{Format, Output};
use crate::exit::Failure;
use crate::output;

/// Reads contracts as one.
pub(crate) fn read_contracts(paths: &[PathBuf]) -> Result<Contract, Failure> {
    contract::read_all(paths).map_err(|error| Failure::Usage(error.to_string()))
}

/// Judges `capture`, prints the report in the format asked for, and returns the verdict. `stack` says where the
/// telemetry came from, `began` when the work for it started.
pub(crate) fn print(
    capture: &Capture,
    contract: &Contract,
    stack: &str,
    began: Instant,
    output: &Output,
) -> Result<Verdict, Failure> {
    let outcome = checks::judge(capture, contract);
    let mut summary = RunSummary::of(capture);
    stack.clone_into(&mut summary.stack);
    summary.versions.insert("otelgate".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    summary.duration = began.elapsed();
    let report = Report::new(&outcome, capture, &summary);
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
            if let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") {
                let append = || {
                    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
                    file.write_all(report::github_summary(&report).as_bytes())
                };
                append().map_err(|error| unprintable(&error))?;
            }
        }
    }
    Ok(outcome.verdict)
}
