//! One finding in full.

use super::Report;
use super::palette::Palette;
use super::text::wrap;
use super::tree;
use crate::finding::{Finding, entry};

/// Width of the column of `wanted`, `found`, `nearest`, `do`.
const LABEL: usize = 9;

/// The finding, in lines of at most `columns` where words allow it.
pub(super) fn lines(report: &Report<'_>, finding: &Finding, palette: Palette, columns: usize) -> Vec<String> {
    let Palette { bad, heading, dim, .. } = palette;
    let mut lines = vec![format!("{bad}{}{bad:#}  {heading}{}{heading:#}", finding.id, finding.subject)];
    let text = columns.saturating_sub(2);
    lines.extend(wrap(&finding.message, text).into_iter().map(|line| format!("  {line}")));
    if let Some(place) = place(finding) {
        lines.extend(wrap(&place, text).into_iter().map(|line| format!("  {dim}{line}{dim:#}")));
    }
    if let Some(index) = &report.index {
        for row in tree::rows(index, finding, &report.redactor, text) {
            let line = row.text.trim_end();
            lines.push(if row.marked { format!("{bad}▶ {line}{bad:#}") } else { format!("  {line}") });
        }
    }
    let (found, nearest) = split_nearest(&finding.found);
    let remedy = entry(finding.id).map_or("", |entry| entry.remedy);
    let hint = if finding.hint.is_empty() { remedy } else { &finding.hint };
    let explain = format!("otelgate explain {}", finding.id);
    let more = match finding.more {
        0 => String::new(),
        1 => "1 more like it".to_owned(),
        more => format!("{more} more like it"),
    };
    for (label, value) in [
        ("where", finding.place.path.as_str()),
        ("wanted", &finding.wanted),
        ("found", found),
        ("nearest", nearest),
        ("and", &more),
        ("do", hint),
        ("explain", &explain),
    ] {
        let mut label = label;
        for line in wrap(value, text.saturating_sub(LABEL)) {
            lines.push(format!("  {dim}{label:LABEL$}{dim:#}{line}"));
            label = "";
        }
    }
    lines
}

/// The finding in one line, for those past the number shown in full.
pub(super) fn short(finding: &Finding) -> String {
    let more = if finding.more == 0 { String::new() } else { format!(" (and {} more)", finding.more) };
    format!("{}  {}: {}{more}", finding.id, finding.subject, finding.message.replace('\n', " "))
}

/// `cold query, request 1 · trace 4bf9…`; requests count from 1 for people.
fn place(finding: &Finding) -> Option<String> {
    let place = &finding.place;
    let scenario = place.scenario.as_ref().map(|scenario| match place.step {
        Some(step) => format!("{scenario}, request {}", step + 1),
        None => scenario.clone(),
    });
    let trace = place.trace_id.as_ref().map(|id| format!("trace {id}"));
    let parts: Vec<String> = scenario.into_iter().chain(trace).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// Checks write the nearest candidates behind what they found: `none; nearest: rag.re_rank`.
fn split_nearest(found: &str) -> (&str, &str) {
    match found.split_once("nearest: ") {
        Some((found, nearest)) => (found.trim_end_matches([' ', ';', ',']), nearest),
        None => (found, ""),
    }
}
