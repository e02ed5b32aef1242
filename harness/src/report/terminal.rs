//! The report for a person: a table read in ten seconds, then each violation with its place.

use std::io::{self, Write};

use super::input::weight;
use super::palette::Palette;
use super::summary::back_ends;
use super::text::wrap;
use super::{Report, detail, table, verdict};
use crate::finding::Verdict;

/// How to write the terminal report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Whether to write ANSI colours. Off by default; whoever owns the terminal decides.
    pub colour: bool,
    /// Columns to fill; 100 by default.
    pub width: usize,
    /// How many violations to show in full; the rest take one line each. 20 by default.
    pub full: usize,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { colour: false, width: 100, full: 20 }
    }
}

/// Writes `report` for a person. Every finding is there: those past [`TerminalOptions::full`] in one line.
///
/// # Errors
/// Those of `out`.
pub fn terminal(report: &Report<'_>, options: TerminalOptions, out: &mut dyn Write) -> io::Result<()> {
    let palette = Palette::new(options.colour);
    head(report, palette, options.width, out)?;
    for line in table::lines(report, palette, options.width) {
        writeln!(out, "{}", line.trim_end())?;
    }
    if !report.checks.is_empty() {
        writeln!(out)?;
    }
    violations(report, palette, options, out)?;
    remarks(report, palette, out)?;
    waived(report, palette, options.width, out)?;
    let (word, style) = match report.verdict {
        Verdict::Pass => ("PASS", palette.good),
        Verdict::Fail => ("FAIL", palette.bad),
    };
    writeln!(out, "{style}{word}{style:#}  {}", verdict::line(report))
}

fn head(report: &Report<'_>, palette: Palette, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    if summary.counts.no_telemetry() {
        let bad = palette.bad;
        for line in
            wrap("No telemetry arrived: no span, no metric, no log record. Everything below follows from that.", width)
        {
            writeln!(out, "{bad}{line}{bad:#}")?;
        }
    }
    let mut parts = vec![summary.service.clone()];
    if !summary.run_id.is_empty() {
        parts.push(format!("run {}", summary.run_id));
    }
    if !summary.stack.is_empty() {
        parts.push(summary.stack.clone());
    }
    parts.extend(summary.versions.iter().map(|(name, version)| format!("{name} {version}")));
    let heading = palette.heading;
    writeln!(out, "{heading}{}{heading:#}", parts.join(" · "))?;
    for line in wrap(&back_ends(summary), width) {
        writeln!(out, "{line}")?;
    }
    writeln!(out)
}

fn violations(report: &Report<'_>, palette: Palette, options: TerminalOptions, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.violations().take(options.full) {
        for line in detail::lines(report, finding, palette, options.width) {
            writeln!(out, "{line}")?;
        }
        writeln!(out)?;
    }
    let rest: Vec<_> = report.violations().skip(options.full).collect();
    if rest.is_empty() {
        return Ok(());
    }
    let heading = palette.heading;
    let number: usize = rest.iter().map(|finding| weight(finding)).sum();
    writeln!(out, "{heading}{number} more, in one line each{heading:#}")?;
    for finding in rest {
        writeln!(out, "  {}", detail::short(finding))?;
    }
    writeln!(out)
}

fn remarks(report: &Report<'_>, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    if report.remarks().next().is_none() {
        return Ok(());
    }
    let heading = palette.heading;
    writeln!(out, "{heading}Not a violation{heading:#}")?;
    for finding in report.remarks() {
        writeln!(out, "  {}", detail::short(finding))?;
    }
    writeln!(out)
}

fn waived(report: &Report<'_>, palette: Palette, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if report.waived.is_empty() {
        return Ok(());
    }
    let Palette { heading, warn, dim, .. } = palette;
    writeln!(out, "{heading}Waived{heading:#}")?;
    for (finding, waiver) in &report.waived {
        writeln!(out, "  {warn}{}{warn:#}  {}", finding.id, finding.subject)?;
        for line in wrap(&waiver.reason, width.saturating_sub(4)) {
            writeln!(out, "    {dim}{line}{dim:#}")?;
        }
    }
    writeln!(out)
}
