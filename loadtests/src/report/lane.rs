//! The deterministic lane, as far as an outcome has it.

use otelgate_harness::report::escape::printable;

use super::table::Table;
use crate::lane;
use crate::overhead::outcome::Outcome;

/// A row for each kind of request; `None` if the lane was not asked for.
pub(super) fn figures(outcome: &Outcome) -> Option<Table> {
    let measured = &outcome.lane.as_ref()?.measured;
    let [kind, instructions, share, allocations, bytes, spans, per_span, otlp] = lane::report::HEAD;
    let numbers = [instructions, share, allocations, bytes, spans, per_span, otlp].map(|head| format!(">{head}"));
    let [instructions, share, allocations, bytes, spans, per_span, otlp] = numbers.each_ref().map(String::as_str);
    let mut table = Table::new([kind, instructions, share, allocations, bytes, spans, per_span, otlp]);
    for kind in &measured.kinds {
        table.rows.push(lane::report::cells(kind).iter().map(|cell| printable(cell)).collect());
    }
    Some(table)
}

/// Its verdict and what is to be known beside the figures, in sentences.
pub(super) fn said(outcome: &Outcome) -> Vec<String> {
    let Some(lane) = &outcome.lane else { return Vec::new() };
    let verdict = format!("lane: {}", lane.verdict);
    std::iter::once(verdict).chain(lane.reasons.iter().map(|reason| printable(reason))).collect()
}
