//! Names of things in findings: the same from run to run, so that a waiver can name them and equal findings fold.

use super::names::without_ids;
use super::{Index, Parent, Trace};
use crate::capture::Exchange;
use crate::finding::Place;

/// `cold query` or, in a scenario of several requests, `cold query #2`. Outside any scenario, what was asked for.
pub(super) fn request(index: &Index<'_>, request: &Exchange) -> String {
    if request.scenario.is_empty() {
        let path = request.path.split('?').next().unwrap_or_default();
        return format!("{} {}", request.method, without_ids(path));
    }
    if index.sends_several(&request.scenario) {
        return format!("{} #{}", request.scenario, request.step + 1);
    }
    request.scenario.clone()
}

/// The request behind a trace or, without one, how the trace begins.
pub(super) fn trace(index: &Index<'_>, trace: Trace<'_>) -> String {
    match trace.exchange() {
        Some(exchange) => request(index, exchange),
        None => without_ids(&trace.span(trace.roots().next().unwrap_or(0)).name).into_owned(),
    }
}

/// `cold query / rag.query > rag.rerank`.
pub(super) fn span(index: &Index<'_>, of: Trace<'_>, position: usize) -> String {
    format!("{} / {}", trace(index, of), without_ids(&path(of, position)))
}

/// `cold query / rag.query > rag.rerank / top_k`.
pub(super) fn attribute(index: &Index<'_>, of: Trace<'_>, position: usize, key: &str) -> String {
    format!("{} / {key}", span(index, of, position))
}

/// Names from below the trace's root down to a span, joined by ` > `; the root's own path is its name. In a cycle, every
/// span once.
pub(super) fn path(trace: Trace<'_>, position: usize) -> String {
    let mut spans = vec![position];
    let mut at = position;
    while let Parent::At(parent) = trace.parent(at) {
        if spans.contains(&parent) {
            break;
        }
        spans.push(parent);
        at = parent;
    }
    if spans.len() > 1 && matches!(trace.parent(at), Parent::None | Parent::Driver) {
        spans.pop();
    }
    let names: Vec<&str> = spans.into_iter().rev().map(|at| &*trace.span(at).name).collect();
    names.join(" > ")
}

/// Where a request of the driver is.
pub(super) fn request_place(request: &Exchange) -> Place {
    let scenario = (!request.scenario.is_empty()).then(|| request.scenario.clone());
    let path = format!("{} {}", request.method, request.path);
    Place { step: scenario.is_some().then_some(request.step), scenario, path, ..Place::default() }
}

/// Where a whole trace is.
pub(super) fn trace_place(trace: Trace<'_>) -> Place {
    let request = trace.exchange().map(request_place).unwrap_or_default();
    Place { trace_id: Some(trace.id().to_string()), path: String::new(), ..request }
}

/// Where the span at `position` is; `part` names what of it, and may be empty.
pub(super) fn place(of: Trace<'_>, position: usize, part: &str) -> Place {
    let path = path(of, position);
    Place {
        span_id: Some(of.span(position).span_id.to_string()),
        path: if part.is_empty() { path } else { format!("{path} · {part}") },
        ..trace_place(of)
    }
}
