//! Puts the page together.

use std::io;

use askama::Template;
use otelgate_harness::finding::{Finding, Level};
use otelgate_harness::report::Report;
use plotters::drawing::DrawingAreaErrorKind;

use super::figure::Figure;
use super::waterfalls::{Drawn, waterfalls};
use super::{arms, latencies, launches};
use crate::overhead::outcome::{Outcome, OverheadVerdict};
use crate::report::table::Table;
use crate::report::{clean, facts, figures, lane, latency, one_line, tables, validity};

/// Columns of the excerpts of findings.
const COLUMNS: usize = 110;

/// What a page shows.
#[derive(Clone, Copy)]
pub struct Page<'p> {
    /// The experiment.
    pub outcome: &'p Outcome,
    /// The command that made it, for whoever wants to make it again.
    pub command: Option<&'p str>,
    /// A `verify` run of the same service: its findings, and the first trace of each scenario.
    pub verified: Option<&'p Report<'p>>,
}

/// A page that cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// A picture cannot be drawn.
    #[error("failed to draw a picture of the report")]
    Draw(#[from] DrawingAreaErrorKind<io::Error>),
    /// The template cannot be filled in.
    #[error("failed to write the report's page")]
    Template(#[from] askama::Error),
}

/// `page` as one HTML file: no script, no other file, no network; for light and dark, for wide and narrow screens.
///
/// # Errors
/// If a picture or the page cannot be written; neither depends on the world outside.
pub fn html(page: Page<'_>) -> Result<String, HtmlError> {
    let outcome = &clean::outcome(page.outcome);
    let mut latency = Vec::new();
    for measured in &outcome.latency {
        latency.push(Latency {
            heading: latency::heading(measured),
            table: latency::quantiles(outcome, measured),
            figure: latencies::latencies(measured)?,
        });
    }
    let view = View {
        title: format!("{} {}: OpenTelemetry overhead", outcome.verdict, outcome.service),
        verdict: outcome.verdict.to_string(),
        state: match outcome.verdict {
            OverheadVerdict::Pass => "good",
            OverheadVerdict::Fail | OverheadVerdict::Invalid => "bad",
            OverheadVerdict::Inconclusive => "warn",
        },
        line: one_line(outcome),
        heading: facts::heading(outcome),
        budget: figures::budget(outcome.protocol.budget),
        failed: validity::failed(outcome).into_iter().map(validity::sentence).collect(),
        outcome,
        launches_figure: launches::launches(outcome)?,
        arms_figure: arms::arms(outcome)?,
        arms: tables::arms(outcome),
        environments: tables::environments(outcome),
        looks: tables::looks(outcome),
        launches: tables::launches(outcome),
        validity: tables::validity(outcome),
        meanings: latency::meanings(outcome),
        latency,
        lane: lane::figures(outcome),
        same: facts::same(outcome),
        cross_check: facts::cross_check(outcome),
        others: facts::others(outcome),
        machine: facts::machine(outcome),
        protocol: facts::protocol(outcome),
        command: page.command.map(otelgate_harness::report::escape::printable),
        verified: page.verified.map(Verified::new),
    };
    Ok(view.render()?)
}

#[derive(Template)]
#[template(path = "overhead.html")]
struct View<'o> {
    title: String,
    verdict: String,
    /// Class of the verdict.
    state: &'static str,
    line: String,
    heading: String,
    budget: String,
    failed: Vec<String>,
    outcome: &'o Outcome,
    launches_figure: Option<Figure>,
    arms_figure: Option<Figure>,
    arms: Table,
    environments: Table,
    looks: Table,
    launches: Table,
    validity: Table,
    meanings: Table,
    latency: Vec<Latency>,
    lane: Option<Table>,
    same: String,
    cross_check: Option<String>,
    others: [(&'static str, String); 3],
    machine: String,
    protocol: String,
    command: Option<String>,
    verified: Option<Verified>,
}

struct Latency {
    heading: String,
    table: Table,
    figure: Option<Figure>,
}

/// What a `verify` run adds.
struct Verified {
    verdict: String,
    line: String,
    findings: Vec<Shown>,
    waived: Vec<Waived>,
    waterfalls: Vec<Drawn>,
}

struct Shown {
    level: &'static str,
    id: &'static str,
    subject: String,
    text: String,
}

struct Waived {
    id: &'static str,
    subject: String,
    reason: String,
}

impl Verified {
    fn new(report: &Report<'_>) -> Self {
        let shown = |finding: &Finding| Shown {
            level: match finding.level {
                Level::Violation => "violation",
                Level::Improvement => "improvement",
                Level::Information => "information",
            },
            id: finding.id,
            subject: finding.subject.clone(),
            text: report.detail(finding, COLUMNS),
        };
        let waived = report.waived().iter().map(|(finding, waiver)| Waived {
            id: finding.id,
            subject: finding.subject.clone(),
            reason: waiver.reason.clone(),
        });
        Self {
            verdict: report.verdict().to_string(),
            line: report.line(),
            findings: report.findings().iter().map(shown).collect(),
            waived: waived.collect(),
            waterfalls: waterfalls(report),
        }
    }
}
