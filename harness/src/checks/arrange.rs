//! Builds the parts of an [`Index`](super::Index).

use rustc_hash::FxHashMap;

use super::index::{DRIVER, Entry, MISSING, ROOT, sent_ids};
use super::parallel;
use super::survey::is_entry;
use crate::capture::{Capture, Exchange, Party, Span, SpanId, TraceId};

/// Traces of up to this many spans look a parent up by scanning: faster than building a map.
const SCANNED: usize = 32;

/// Positions fit 32 bits: a capture of four thousand million spans would not fit memory.
pub(super) fn narrow(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(MISSING)
}

pub(super) fn group(spans: &[Span]) -> (Vec<u32>, Vec<Entry>, FxHashMap<TraceId, u32>) {
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
    (order, traces, by_id)
}

/// Puts the spans of each trace in the order of their starts, and finds their parents.
pub(super) fn arrange(spans: &[Span], order: &mut [u32], traces: &[Entry]) -> Vec<u32> {
    let mut parents = vec![ROOT; order.len()];
    let workers = parallel::workers(spans.len());
    let share = order.len().div_ceil(workers).max(1);
    std::thread::scope(|scope| {
        let (mut order, mut unfound, mut traces) = (order, parents.as_mut_slice(), traces);
        while let Some(first) = traces.first() {
            let start = first.range.start;
            let count = traces.partition_point(|trace| trace.range.start < start + share);
            let (chunk, later) = traces.split_at(count);
            let len = chunk.last().map_or(start, |trace| trace.range.end) - start;
            let (members, other_members) = std::mem::take(&mut order).split_at_mut(len);
            let (found, other_found) = std::mem::take(&mut unfound).split_at_mut(len);
            (order, unfound, traces) = (other_members, other_found, later);
            let mut work = move || {
                let mut known = Known::default();
                for trace in chunk {
                    let range = trace.range.start - start..trace.range.end - start;
                    known.arrange(spans, &mut members[range.clone()], &mut found[range]);
                }
            };
            // The last chunk is this thread's own: a capture of one chunk starts no thread.
            if traces.is_empty() {
                work();
            } else {
                scope.spawn(work);
            }
        }
    });
    parents
}

/// The ids of one trace; kept from trace to trace for its memory.
#[derive(Default)]
struct Known {
    ids: Vec<SpanId>,
    /// Position by id, for traces too large to scan.
    positions: FxHashMap<SpanId, u32>,
}

impl Known {
    fn arrange(&mut self, spans: &[Span], members: &mut [u32], parents: &mut [u32]) {
        members.sort_by_key(|position| spans[*position as usize].start);
        self.ids.clear();
        self.ids.extend(members.iter().map(|position| spans[*position as usize].span_id));
        let scanned = self.ids.len() <= SCANNED;
        if !scanned {
            self.positions.clear();
            for (position, id) in self.ids.iter().enumerate() {
                self.positions.entry(*id).or_insert(narrow(position));
            }
        }
        for (member, found) in members.iter().zip(parents) {
            let Some(parent) = spans[*member as usize].parent else { continue };
            let at = if scanned {
                self.ids.iter().position(|id| *id == parent).map(narrow)
            } else {
                self.positions.get(&parent).copied()
            };
            *found = at.unwrap_or(MISSING);
        }
    }
}

/// Finds the request behind each trace: by the id it sent, else by the time at which the trace began. Marks the
/// children of the driver's own spans.
pub(super) fn assign_exchanges(
    capture: &Capture,
    order: &[u32],
    parents: &mut [u32],
    traces: &mut [Entry],
    by_id: &FxHashMap<TraceId, u32>,
) {
    let mut without_id: Vec<(u32, &Exchange)> = Vec::new();
    for (position, exchange) in capture.exchanges.iter().enumerate() {
        if exchange.by != Party::Driver {
            continue;
        }
        let Some((id, driver)) = sent_ids(exchange) else {
            without_id.push((narrow(position), exchange));
            continue;
        };
        let Some(trace) = by_id.get(&id).map(|trace| &mut traces[*trace as usize]) else { continue };
        if trace.exchange.is_some() {
            continue;
        }
        trace.exchange = Some(narrow(position));
        for (parent, member) in parents[trace.range.clone()].iter_mut().zip(&order[trace.range.clone()]) {
            if *parent == MISSING && capture.spans[*member as usize].parent == Some(driver) {
                *parent = DRIVER;
            }
        }
    }
    if !without_id.is_empty() {
        assign_by_time(capture, order, traces, without_id);
    }
}

/// Gives requests that sent no id the traces that began during them: those that begin as an answer first.
fn assign_by_time(capture: &Capture, order: &[u32], traces: &mut [Entry], mut requests: Vec<(u32, &Exchange)>) {
    requests.sort_by_key(|(_, exchange)| exchange.start);
    let mut taken = vec![false; requests.len()];
    for answers in [true, false] {
        for trace in traces.iter_mut().filter(|trace| trace.exchange.is_none()) {
            let first = &capture.spans[order[trace.range.start] as usize];
            if is_entry(first) != answers {
                continue;
            }
            let after = requests.partition_point(|(_, exchange)| exchange.start <= first.start);
            let found = (0..after)
                .rev()
                .take_while(|at| first.start - requests[*at].1.start < LONGEST_REQUEST)
                .find(|at| !taken[*at] && first.start <= requests[*at].1.end);
            if let Some(at) = found {
                taken[at] = true;
                trace.exchange = Some(requests[at].0);
            }
        }
    }
}

/// How far back, in nanoseconds, to look for the request during which a trace began: ten minutes.
const LONGEST_REQUEST: u64 = 600_000_000_000;

pub(super) fn group_children(parents: &[u32], traces: &[Entry]) -> (Vec<u32>, Vec<u32>) {
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
