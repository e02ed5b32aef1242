//! A capture arranged for looking things up: spans by trace, children by parent, the request behind each trace.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::capture::{Capture, Exchange, Party, Span, SpanId, TraceContext, TraceId};

const ROOT: u32 = u32::MAX;
const DRIVER: u32 = u32::MAX - 1;
const MISSING: u32 = u32::MAX - 2;

/// Traces of up to this many spans look a parent up by scanning: faster than building a map.
const SCANNED: usize = 32;

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

struct Entry {
    id: TraceId,
    range: Range<usize>,
    /// Position in `capture.exchanges` of the request behind it.
    exchange: Option<u32>,
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
        let (order, mut traces, by_id) = group(&capture.spans);
        assign_exchanges(capture, &order, &mut traces, &by_id);
        let parents = find_parents(capture, &order, &traces);
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
        if let Some((id, _)) = sent_ids(exchange) {
            return self.trace(id);
        }
        let trace = self.left[self.position_of(exchange)?];
        (trace != MISSING).then(|| self.trace_at(trace as usize))
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

/// Positions fit 32 bits: a capture of four thousand million spans would not fit memory.
fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(MISSING)
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

fn group(spans: &[Span]) -> (Vec<u32>, Vec<Entry>, FxHashMap<TraceId, u32>) {
    let mut by_id: FxHashMap<TraceId, u32> = FxHashMap::default();
    let mut sizes: Vec<(TraceId, usize)> = Vec::new();
    let mut trace_of: Vec<u32> = Vec::with_capacity(spans.len());
    for span in spans {
        // Spans of one trace mostly arrive together: look at the last one first.
        let known = trace_of.last().copied().filter(|last| sizes[*last as usize].0 == span.trace_id);
        let trace = known.unwrap_or_else(|| {
            *by_id.entry(span.trace_id).or_insert_with(|| {
                sizes.push((span.trace_id, 0));
                narrow(sizes.len() - 1)
            })
        });
        sizes[trace as usize].1 += 1;
        trace_of.push(trace);
    }

    let mut traces = Vec::with_capacity(sizes.len());
    let mut next = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for (id, len) in sizes {
        traces.push(Entry { id, range: start..start + len, exchange: None });
        next.push(start);
        start += len;
    }
    let mut order = vec![0; spans.len()];
    for (position, trace) in trace_of.into_iter().enumerate() {
        let slot = &mut next[trace as usize];
        order[*slot] = narrow(position);
        *slot += 1;
    }
    for trace in &traces {
        order[trace.range.clone()].sort_by_key(|position| spans[*position as usize].start);
    }
    (order, traces, by_id)
}

/// Finds the request behind each trace: by the id it sent, else by the time at which the trace began.
fn assign_exchanges(capture: &Capture, order: &[u32], traces: &mut [Entry], by_id: &FxHashMap<TraceId, u32>) {
    let mut without_id: Vec<(u32, &Exchange)> = Vec::new();
    for (position, exchange) in capture.exchanges.iter().enumerate() {
        if exchange.by != Party::Driver {
            continue;
        }
        match sent_ids(exchange) {
            Some((id, _)) => {
                if let Some(trace) = by_id.get(&id) {
                    traces[*trace as usize].exchange.get_or_insert(narrow(position));
                }
            }
            None => without_id.push((narrow(position), exchange)),
        }
    }
    if without_id.is_empty() {
        return;
    }
    without_id.sort_by_key(|(_, exchange)| exchange.start);
    let mut taken = vec![false; without_id.len()];
    for trace in traces.iter_mut().filter(|trace| trace.exchange.is_none()) {
        let began = capture.spans[order[trace.range.start] as usize].start;
        let after = without_id.partition_point(|(_, exchange)| exchange.start <= began);
        let found = (0..after)
            .rev()
            .take_while(|at| began - without_id[*at].1.start < LONGEST_REQUEST)
            .find(|at| !taken[*at] && began <= without_id[*at].1.end);
        if let Some(at) = found {
            taken[at] = true;
            trace.exchange = Some(without_id[at].0);
        }
    }
}

/// How far back, in nanoseconds, to look for the request during which a trace began: ten minutes.
const LONGEST_REQUEST: u64 = 600_000_000_000;

fn find_parents(capture: &Capture, order: &[u32], traces: &[Entry]) -> Vec<u32> {
    let mut parents = Vec::with_capacity(order.len());
    let mut ids: Vec<SpanId> = Vec::new();
    let mut large: FxHashMap<SpanId, u32> = FxHashMap::default();
    for trace in traces {
        let members = &order[trace.range.clone()];
        ids.clear();
        ids.extend(members.iter().map(|position| capture.spans[*position as usize].span_id));
        if ids.len() > SCANNED {
            large.clear();
            for (position, id) in ids.iter().enumerate() {
                large.entry(*id).or_insert(narrow(position));
            }
        }
        let driver = trace
            .exchange
            .and_then(|position| sent_ids(&capture.exchanges[position as usize]))
            .filter(|(id, _)| *id == trace.id)
            .map(|(_, span_id)| span_id);
        for position in members {
            let parent = match capture.spans[*position as usize].parent {
                None => ROOT,
                Some(parent) => {
                    let found = if ids.len() > SCANNED {
                        large.get(&parent).copied()
                    } else {
                        ids.iter().position(|id| *id == parent).map(narrow)
                    };
                    found.unwrap_or(if driver == Some(parent) { DRIVER } else { MISSING })
                }
            };
            parents.push(parent);
        }
    }
    parents
}

fn group_children(parents: &[u32], traces: &[Entry]) -> (Vec<u32>, Vec<u32>) {
    let mut first_child = vec![0_u32; parents.len() + 1];
    for trace in traces {
        for parent in &parents[trace.range.clone()] {
            if *parent < MISSING {
                first_child[trace.range.start + *parent as usize + 1] += 1;
            }
        }
    }
    for at in 1..first_child.len() {
        first_child[at] += first_child[at - 1];
    }
    let mut next = first_child.clone();
    let mut children = vec![0; first_child.last().copied().unwrap_or(0) as usize];
    for trace in traces {
        for (position, parent) in parents[trace.range.clone()].iter().enumerate() {
            if *parent < MISSING {
                let slot = &mut next[trace.range.start + *parent as usize];
                children[*slot as usize] = narrow(position);
                *slot += 1;
            }
        }
    }
    (first_child, children)
}
