//! The report for GitHub Actions: a step summary and annotations.

use super::escape::{command, html, markdown, property};
use super::input::weight;
use super::palette::Palette;
use super::summary::back_ends;
use super::text::count;
use super::{Report, detail, verdict};
use crate::finding::{Finding, Tally};

/// GitHub shows this many error annotations of a step and silently drops the rest.
const ANNOTATIONS: usize = 10;

/// Violations shown in full: a step summary ends at 1 MiB.
const FULL: usize = 50;

/// Columns of the excerpts.
const WIDTH: usize = 100;

/// Markdown for `$GITHUB_STEP_SUMMARY`.
#[must_use]
pub fn github_summary(report: &Report<'_>) -> String {
    let mut lines = vec![
        format!("## {} {}", report.verdict, markdown(&report.summary.service)),
        String::new(),
        markdown(&verdict::line(report)),
        String::new(),
    ];
    if !report.summary.back_ends.is_empty() {
        lines.extend([format!("On {}.", markdown(&back_ends(&report.summary))), String::new()]);
    }
    if report.summary.counts.no_telemetry() {
        lines.extend(["**No telemetry arrived: no span, no metric, no log record.**".to_owned(), String::new()]);
    }
    lines.extend(["| check | asks | examined | result |".to_owned(), "| --- | --- | ---: | --- |".to_owned()]);
    for tally in &report.checks {
        let (standing, waived) = report.of_check(tally.check);
        let mut result = if standing == 0 { "ok".to_owned() } else { format!("**{}**", count(standing, "violations")) };
        if waived > 0 {
            result = format!("{result}, {waived} waived");
        }
        let Tally { check, about, examined, unit, .. } = tally;
        let examined = count(usize::try_from(*examined).unwrap_or(usize::MAX), unit);
        lines.push(format!("| {check} | {} | {examined} | {result} |", markdown(about)));
    }
    for finding in report.violations().take(FULL) {
        let text = detail::lines(report, finding, Palette::default(), WIDTH).join("\n");
        lines.extend([
            String::new(),
            format!("<details><summary><code>{}</code> {}</summary>", finding.id, html(&finding.subject)),
            String::new(),
            // Indented, not fenced: text from telemetry may hold a fence of its own.
            text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"),
            String::new(),
            "</details>".to_owned(),
        ]);
    }
    let rest: Vec<&Finding> = report.violations().skip(FULL).collect();
    if !rest.is_empty() {
        lines.push(String::new());
        lines.extend(rest.into_iter().map(|finding| format!("- {}", markdown(&detail::short(finding)))));
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Workflow commands that make GitHub show each violation, one a line; empty if there is none.
/// Past ten, the tenth says how many there are.
#[must_use]
pub fn github_annotations(report: &Report<'_>) -> String {
    let violations: Vec<&Finding> = report.violations().collect();
    let shown = if violations.len() > ANNOTATIONS { ANNOTATIONS - 1 } else { violations.len() };
    let mut lines: Vec<String> = violations[..shown]
        .iter()
        .map(|finding| {
            let message = format!("{}: {}", finding.subject, finding.message);
            format!("::error title={}::{}\n", property(finding.id), command(&message))
        })
        .collect();
    let rest: usize = violations[shown..].iter().map(|finding| weight(finding)).sum();
    if rest > 0 {
        lines.push(format!("::error title=otelgate::{rest} more violations: see the step summary\n"));
    }
    lines.concat()
}
