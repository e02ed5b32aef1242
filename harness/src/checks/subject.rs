//! Words for the things findings are about, the same from run to run.

use rustc_hash::FxHashSet;

use super::{Index, Trace};
use crate::capture::Exchange;
use crate::finding::Place;

/// Knows which scenarios send several requests: only there does a subject say which one.
pub(super) struct Subjects<'c> {
    several: FxHashSet<&'c str>,
}

impl<'c> Subjects<'c> {
    pub(super) fn new(index: &Index<'c>) -> Self {
        let several =
            index.requests().filter(|request| request.step > 0).map(|request| request.scenario.as_str()).collect();
        Self { several }
    }

    /// `cold query`, or `cached query #2` for the second request of several.
    pub(super) fn request(&self, request: &Exchange) -> String {
        if request.scenario.is_empty() {
            let path = request.path.split('?').next().unwrap_or_default();
            return format!("{} {path}", request.method);
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
            None => trace.span(trace.roots().next().unwrap_or(0)).name.to_string(),
        }
    }

    /// `cold query / rag.query > rag.rerank`.
    pub(super) fn span(&self, trace: Trace<'_>, position: usize) -> String {
        format!("{} / {}", self.trace(trace), trace.path(position))
    }
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
        path: trace.path(position),
        ..place_of_trace(trace)
    }
}
