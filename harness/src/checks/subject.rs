//! Names of things in findings: the same from run to run, so that a waiver can name them and equal findings fold.

use super::{Index, Trace};
use crate::capture::Exchange;
use crate::finding::Place;

/// Stands for the scenario of a trace no request explains.
const NO_REQUEST: &str = "no request";

/// `cold query` or, in a scenario of several requests, `cold query #2`.
pub(super) fn request(index: &Index<'_>, exchange: &Exchange) -> String {
    let name = if exchange.scenario.is_empty() { "no scenario" } else { &exchange.scenario };
    let several =
        exchange.step > 0 || index.requests().any(|other| other.step > 0 && other.scenario == exchange.scenario);
    if several { format!("{name} #{}", exchange.step + 1) } else { name.to_owned() }
}

/// The request behind a trace.
pub(super) fn trace(index: &Index<'_>, trace: Trace<'_>) -> String {
    trace.exchange().map_or_else(|| NO_REQUEST.to_owned(), |exchange| request(index, exchange))
}

/// `cold query / POST /api/rag > rag.query`.
pub(super) fn span(index: &Index<'_>, of: Trace<'_>, position: usize) -> String {
    format!("{} / {}", trace(index, of), of.path(position))
}

/// `cold query / POST /api/rag > rag.query / cache.hit`.
pub(super) fn attribute(index: &Index<'_>, of: Trace<'_>, position: usize, key: &str) -> String {
    format!("{} / {key}", span(index, of, position))
}

/// Where the span at `position` is; `part` names what of it, and may be empty.
pub(super) fn place(of: Trace<'_>, position: usize, part: &str) -> Place {
    let span = of.span(position);
    let path = of.path(position);
    Place {
        scenario: of.exchange().map(|exchange| exchange.scenario.clone()).filter(|name| !name.is_empty()),
        step: of.exchange().map(|exchange| exchange.step),
        trace_id: Some(span.trace_id.to_string()),
        span_id: Some(span.span_id.to_string()),
        path: if part.is_empty() { path } else { format!("{path} · {part}") },
    }
}

/// Where a request of the driver is.
pub(super) fn request_place(exchange: &Exchange) -> Place {
    Place {
        scenario: Some(exchange.scenario.clone()).filter(|name| !name.is_empty()),
        step: Some(exchange.step),
        path: format!("{} {}", exchange.method, exchange.path),
        ..Place::default()
    }
}
