//! A capture arranged for looking things up: spans by trace, children by parent, the request behind each trace.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::arrange::{arrange, assign_exchanges, group, group_children, narrow};
use crate::capture::{Capture, Exchange, Party, Span, SpanId, TraceContext, TraceId};

pub(super) const ROOT: u32 = u32::MAX;
pub(super) const DRIVER: u32 = u32::MAX - 1;
pub(super) const MISSING: u32 = u32::MAX - 2;

/// Where a span's parent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent {
    /// It has none: a root.
    None,
    /// It is the driver's own span: the first span of a trace the driver began.
    Driver,
    /// It is in the trace, at this position.
    At(usize),
    /// It is nowhere in the capture: the span is an orphan.
    Missing,
}

/// A capture, arranged. Built once and read by every check.
pub struct Index<'c> {
    /// The capture itself.
    pub capture: &'c Capture,
    /// Positions in `capture.spans`, grouped by trace; within a trace in the order of their starts.
    order: Vec<u32>,
    /// For each entry of `order`, its parent's position in its trace, or a marker.
    parents: Vec<u32>,
    /// For each entry of `order`, where its children begin in `children`; one longer than `order`.
    first_child: Vec<u32>,
    /// Positions in their trace, grouped by parent, in the order of their starts.
    children: Vec<u32>,
    traces: Vec<Entry>,
    by_id: FxHashMap<TraceId, u32>,
    /// For each exchange of the capture, the trace it left, or [`MISSING`].
    left: Vec<u32>,
    /// Scenarios of more than one request.
    several: FxHashSet<&'c str>,
}

/// Where a trace is in the index.
pub(super) struct Entry {
    pub(super) id: TraceId,
    pub(super) range: Range<usize>,
    /// Position in `capture.exchanges` of the request behind it.
    pub(super) exchange: Option<u32>,
}

/// One trace of a capture. Its spans have positions from 0, in the order of their starts.
#[derive(Clone, Copy)]
pub struct Trace<'i> {
    index: &'i Index<'i>,
    entry: &'i Entry,
    position: usize,
}

impl<'c> Index<'c> {
    /// Arranges `capture`.
    pub fn new(capture: &'c Capture) -> Self {
        let (mut order, mut traces, by_id) = group(&capture.spans);
        let mut parents = arrange(&capture.spans, &mut order, &traces);
        assign_exchanges(capture, &order, &mut parents, &mut traces, &by_id);
        let (first_child, children) = group_children(&parents, &traces);
        let later = capture.exchanges.iter().filter(|exchange| exchange.by == Party::Driver && exchange.step > 0);
        let several = later.map(|exchange| exchange.scenario.as_str()).collect();
        let mut left = vec![MISSING; capture.exchanges.len()];
        for (position, trace) in traces.iter().enumerate() {
            if let Some(exchange) = trace.exchange {
                left[exchange as usize] = narrow(position);
            }
        }
        Self { capture, order, parents, first_child, children, traces, by_id, left, several }
    }

    /// All traces, in the order in which their first span arrived.
    pub fn traces(&self) -> impl ExactSizeIterator<Item = Trace<'_>> {
        (0..self.traces.len()).map(|position| self.trace_at(position))
    }

    /// How many traces there are.
    pub fn trace_count(&self) -> usize {
        self.traces.len()
    }

    /// The trace at `position` of [`traces`](Self::traces).
    pub fn trace_at(&self, position: usize) -> Trace<'_> {
        Trace { index: self, entry: &self.traces[position], position }
    }

    /// The trace with this id.
    pub fn trace(&self, id: TraceId) -> Option<Trace<'_>> {
        self.by_id.get(&id).map(|position| self.trace_at(*position as usize))
    }

    /// The trace a request of the driver left, if it left one.
    pub fn trace_of(&self, exchange: &Exchange) -> Option<Trace<'_>> {
        let trace = self.position_of(exchange).map_or(MISSING, |position| self.left[position]);
        if trace != MISSING {
            return Some(self.trace_at(trace as usize));
        }
        // Of several requests with one trace id, the trace is listed under the first.
        self.trace(sent_ids(exchange)?.0)
    }

    /// The position of `exchange` in the capture, if it is one of the capture's own.
    fn position_of(&self, exchange: &Exchange) -> Option<usize> {
        let offset = std::ptr::from_ref(exchange).addr().checked_sub(self.capture.exchanges.as_ptr().addr())?;
        let position = offset / size_of::<Exchange>();
        self.capture.exchanges.get(position).is_some_and(|own| std::ptr::eq(own, exchange)).then_some(position)
    }

    /// Whether the driver sent more than one request in the scenario.
    pub fn sends_several(&self, scenario: &str) -> bool {
        self.several.contains(scenario)
    }

    /// Requests of the driver, in the order in which they were sent.
    pub fn requests(&self) -> impl Iterator<Item = &'c Exchange> + use<'c> {
        self.capture.exchanges.iter().filter(|exchange| exchange.by == Party::Driver)
    }
}

impl<'i> Trace<'i> {
    /// Its id.
    pub fn id(&self) -> TraceId {
        self.entry.id
    }

    /// Its position in [`Index::traces`].
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many spans it has.
    #[expect(clippy::len_without_is_empty, reason = "a trace without spans is not in the index")]
    pub fn len(&self) -> usize {
        self.entry.range.len()
    }

    /// The request behind it: the one that sent its id or, where the driver sent none, the one during which it began.
    pub fn exchange(&self) -> Option<&'i Exchange> {
        self.entry.exchange.map(|position| &self.index.capture.exchanges[position as usize])
    }

    /// The span at `position`.
    pub fn span(&self, position: usize) -> &'i Span {
        &self.index.capture.spans[self.index.order[self.entry.range.start + position] as usize]
    }

    /// All spans, in the order of their starts.
    pub fn spans(self) -> impl ExactSizeIterator<Item = &'i Span> {
        (0..self.len()).map(move |position| self.span(position))
    }

    /// Where the parent of the span at `position` is.
    pub fn parent(&self, position: usize) -> Parent {
        match self.index.parents[self.entry.range.start + position] {
            ROOT => Parent::None,
            DRIVER => Parent::Driver,
            MISSING => Parent::Missing,
            at => Parent::At(at as usize),
        }
    }

    /// Positions of the children of the span at `position`, in the order of their starts.
    pub fn children(self, position: usize) -> impl ExactSizeIterator<Item = usize> + 'i {
        let at = self.entry.range.start + position;
        let range = self.index.first_child[at] as usize..self.index.first_child[at + 1] as usize;
        self.index.children[range].iter().map(|child| *child as usize)
    }

    /// Positions of the spans that begin the trace in this service: roots, and children of the driver's span.
    pub fn roots(self) -> impl Iterator<Item = usize> + 'i {
        (0..self.len()).filter(move |position| matches!(self.parent(*position), Parent::None | Parent::Driver))
    }

    /// Names from the trace's beginning down to the span at `position`, joined by ` > `. Ends at a cycle.
    pub fn path(&self, position: usize) -> String {
        let mut names = vec![&*self.span(position).name];
        let mut at = position;
        while let Parent::At(parent) = self.parent(at) {
            if names.len() > self.len() {
                break;
            }
            names.push(&self.span(parent).name);
            at = parent;
        }
        names.reverse();
        names.join(" > ")
    }
}

/// The ids a request's valid `traceparent` named.
pub(super) fn sent_ids(exchange: &Exchange) -> Option<(TraceId, SpanId)> {
    match exchange.trace.as_ref()? {
        TraceContext::Sampled { trace_id, span_id } | TraceContext::Unsampled { trace_id, span_id } => {
            Some((TraceId::from_hex(trace_id)?, SpanId::from_hex(span_id)?))
        }
        TraceContext::Malformed { .. } | TraceContext::None => None,
    }
}
