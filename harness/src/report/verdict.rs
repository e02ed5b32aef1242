//! The one line that sums a run up.

use super::input::weight;
use super::text::{count, duration};
use super::{Report, RunSummary};
use crate::finding::CATALOG;

/// `rag-service: 57 traces, … 14 checks, 2 violations (1 span.missing, 1 span.kind), 1 waived  (3.2 s)`
pub(super) fn line(report: &Report<'_>) -> String {
    let RunSummary { service, duration: took, counts, .. } = &report.summary;
    let violations: usize = report.violations().map(weight).sum();
    let waived: usize = report.waived.iter().map(|(finding, _)| weight(finding)).sum();
    let mut by_id =
        by_id(report).into_iter().map(|(id, number)| format!("{number} {id}")).collect::<Vec<_>>().join(", ");
    if !by_id.is_empty() {
        by_id = format!(" ({by_id})");
    }
    format!(
        "{service}: {}, {}, {} ({}), {}, {}, {}{by_id}, {waived} waived  ({})",
        count(counts.traces, "traces"),
        count(counts.spans, "spans"),
        count(counts.metrics, "metrics"),
        count(counts.series, "series"),
        count(counts.logs, "logs"),
        count(report.checks.len(), "checks"),
        count(violations, "violations"),
        duration(*took),
    )
}

/// How many violations of each id stand, in the order of the catalogue; ids that it lacks come last.
pub(super) fn by_id(report: &Report<'_>) -> Vec<(&'static str, usize)> {
    let mut numbers: Vec<(&'static str, usize)> = Vec::new();
    for finding in report.violations() {
        match numbers.iter_mut().find(|(id, _)| *id == finding.id) {
            Some((_, number)) => *number += weight(finding),
            None => numbers.push((finding.id, weight(finding))),
        }
    }
    numbers.sort_by_key(|(id, _)| CATALOG.iter().position(|entry| entry.id == *id).unwrap_or(usize::MAX));
    numbers
}
