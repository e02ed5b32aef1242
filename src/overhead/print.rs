//! Prints what an experiment found.

use std::fmt::Write as _;
use std::path::Path;

use otelgate_harness::report::Report;
use otelgate_loadtests::overhead::outcome::Outcome;
use otelgate_loadtests::report::{self, Page, TerminalOptions};

use crate::cli::{Format, Output};
use crate::exit::Failure;
use crate::output;

/// Prints the outcome in the format asked for.
pub(super) fn outcome(outcome: &Outcome, format: &Output) -> Result<(), Failure> {
    match format.format {
        Format::Text => {
            let options = TerminalOptions { colour: output::colour(format), width: output::width() };
            output::write(|out| report::terminal(outcome, options, out))
        }
        Format::Json => {
            let text = report::json(outcome).map_err(|error| unprintable(&error))?;
            output::write(|out| writeln!(out, "{text}"))
        }
        Format::Junit => {
            let text = report::junit(outcome).map_err(|error| unprintable(&error))?;
            output::write(|out| writeln!(out, "{text}"))
        }
        Format::Github => {
            output::write(|out| write!(out, "{}", report::github_annotations(outcome)))?;
            output::step_summary(&report::github_summary(outcome))
        }
    }
}

/// Writes the page for the browser; with the findings and traces of a `verify` run, if there was one.
pub(crate) fn page(outcome: &Outcome, verified: Option<&Report<'_>>, path: &Path) -> Result<(), Failure> {
    let command = std::env::args().collect::<Vec<_>>().join(" ");
    let text =
        report::html(Page { outcome, command: Some(&command), verified }).map_err(|error| unprintable(&error))?;
    std::fs::write(path, text).map_err(|error| Failure::Environment(format!("{}: {error}", path.display())))
}

/// All arms as a table in Markdown, for documents.
pub(super) fn comparison(outcome: &Outcome) -> String {
    let mut text = String::from(
        "| arm | CPU a request | over `off` | added a request | less than `on` | spans a request | delivered |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    let base = outcome.arms.first().map_or(0.0, |arm| arm.micros_per_request);
    for arm in &outcome.arms {
        let effect = arm.effect.map_or_else(
            || "baseline".to_owned(),
            |effect| {
                let [estimate, lower, upper] = [effect.estimate, effect.lower, effect.upper].map(|part| 100.0 * part);
                format!("{estimate:+.1} % [{lower:.1}, {upper:.1}]")
            },
        );
        let added = arm.effect.map_or_else(String::new, |effect| format!("{:.1} µs", effect.estimate * base));
        let spared = arm.spared.map_or_else(String::new, |spared| {
            let [estimate, lower, upper] = [spared.estimate, spared.lower, spared.upper].map(|part| 100.0 * part);
            format!("{estimate:.1} points [{lower:.1}, {upper:.1}]")
        });
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "| {} | {:.1} µs | {effect} | {added} | {spared} | {:.1} | {:.1} % |",
            arm.arm.replace('|', "\\|"),
            arm.micros_per_request,
            arm.spans_per_request,
            100.0 * arm.delivered
        );
    }
    text
}

fn unprintable(error: &dyn std::error::Error) -> Failure {
    Failure::Environment(format!("the report cannot be written: {error}"))
}
