//! Words for the things findings are about, the same from run to run.

use rustc_hash::FxHashSet;

use super::names::without_ids;
use super::{Index, Parent, Trace};
use crate::capture::{Capture, Exchange, Party};
use crate::finding::Place;

/// Knows which scenarios send several requests: only there does a subject say which one.
pub(super) struct Subjects<'c> {
    several: FxHashSet<&'c str>,
}

impl<'c> Subjects<'c> {
    pub(super) fn new(capture: &'c Capture) -> Self {
        let several = capture
            .exchanges
            .iter()
            .filter(|exchange| exchange.by == Party::Driver && exchange.step > 0)
            .map(|exchange| exchange.scenario.as_str())
            .collect();
        Self { several }
    }

    /// `cold query`, or `cached query #2` for the second request of several.
    pub(super) fn request(&self, request: &Exchange) -> String {
        if request.scenario.is_empty() {
            let path = request.path.split('?').next().unwrap_or_default();
            return format!("{} {}", request.method, without_ids(path));
        }
        if self.several.contains(request.scenario.as_str()) {
            return format!("{} #{}", request.scenario, request.step + 1);
        }
        request.scenario.clone()
    }

    /// The request behind a trace or, without one, how the trace begins.
    pub(super) fn trace(&self, trace: Trace<'_>) -> String {
        match trace.exchange() {
            Some(request) => self.request(request),
            None => without_ids(&trace.span(trace.roots().next().unwrap_or(0)).name).into_owned(),
        }
    }

    /// `cold query / rag.query > rag.rerank`.
    pub(super) fn span(&self, trace: Trace<'_>, position: usize) -> String {
        format!("{} / {}", self.trace(trace), without_ids(&path(trace, position)))
    }
}

/// Names from below the trace's root down to a span, joined by ` > `; the root's own path is its name.
pub(super) fn path(trace: Trace<'_>, position: usize) -> String {
    let mut names = vec![&*trace.span(position).name];
    let mut at = position;
    while let Parent::At(parent) = trace.parent(at) {
        if names.len() > trace.len() {
            break;
        }
        names.push(&trace.span(parent).name);
        at = parent;
    }
    if names.len() > 1 && matches!(trace.parent(at), Parent::None | Parent::Driver) {
        names.pop();
    }
    names.reverse();
    names.join(" > ")
}

/// The place of a request.
pub(super) fn place_of_request(request: &Exchange) -> Place {
    let scenario = (!request.scenario.is_empty()).then(|| request.scenario.clone());
    Place { step: scenario.is_some().then_some(request.step), scenario, ..Place::default() }
}

/// The place of a whole trace.
pub(super) fn place_of_trace(trace: Trace<'_>) -> Place {
    let place = trace.exchange().map(place_of_request).unwrap_or_default();
    Place { trace_id: Some(trace.id().to_string()), ..place }
}

/// The place of a span.
pub(super) fn place_of_span(trace: Trace<'_>, position: usize) -> Place {
    Place {
        span_id: Some(trace.span(position).span_id.to_string()),
        path: path(trace, position),
        ..place_of_trace(trace)
    }
}

/// A request of the driver, in `index`.
pub(super) fn request(index: &Index<'_>, exchange: &Exchange) -> String {
    index.subjects().request(exchange)
}

/// `cold query / rag.query / cache.hit`.
pub(super) fn attribute(index: &Index<'_>, of: Trace<'_>, position: usize, key: &str) -> String {
    format!("{} / {key}", index.subjects().span(of, position))
}

/// A span of a trace, in `index`.
pub(super) fn span(index: &Index<'_>, of: Trace<'_>, position: usize) -> String {
    index.subjects().span(of, position)
}

/// Where the span at `position` is; `part` names what of it, and may be empty.
pub(super) fn place(of: Trace<'_>, position: usize, part: &str) -> Place {
    let mut place = place_of_span(of, position);
    if !part.is_empty() {
        place.path = format!("{} · {part}", place.path);
    }
    place
}

/// Where a request of the driver is, its method and path included.
pub(super) fn request_place(exchange: &Exchange) -> Place {
    Place { path: format!("{} {}", exchange.method, exchange.path), ..place_of_request(exchange) }
}
