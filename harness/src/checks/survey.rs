//! What is odd about the ids and parents of a trace.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Parent, Trace};
use crate::capture::{Span, SpanId, SpanKind};

/// Traces of up to this many spans are compared pair by pair: faster than building a set.
const FEW: usize = 32;

/// The odd spans of a trace, as positions in it.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Spans that begin the trace, copies left out.
    pub(super) roots: Vec<usize>,
    /// Spans whose parent is nowhere in the capture, copies left out.
    pub(super) orphans: Vec<usize>,
    /// Spans whose id an earlier one of the trace has.
    pub(super) duplicates: Vec<usize>,
    /// Those of the duplicates that also have the earlier span's name and kind: the same span, sent twice.
    pub(super) copies: FxHashSet<usize>,
    /// The members of each parent cycle.
    pub(super) cycles: Vec<Vec<usize>>,
    /// Spans whose own id or trace id is all zeros.
    pub(super) zero_ids: Vec<usize>,
}

/// Whether the trace is one tree: one root, every parent there, no id twice, none zero. Allocates nothing for traces
/// of usual size.
pub(super) fn is_sound(trace: Trace<'_>) -> bool {
    let mut roots = 0;
    for position in 0..trace.len() {
        match trace.parent(position) {
            Parent::None | Parent::Driver => roots += 1,
            Parent::Missing => return false,
            // A child that starts after its parent cannot be part of a cycle of such.
            Parent::At(parent) if parent >= position => return false,
            Parent::At(_) => {}
        }
    }
    roots == 1 && ids_are_sound(trace)
}

fn ids_are_sound(trace: Trace<'_>) -> bool {
    if trace.id().is_zero() {
        return false;
    }
    if trace.len() > FEW {
        let mut seen = FxHashSet::default();
        return trace.spans().all(|span| !span.span_id.is_zero() && seen.insert(span.span_id));
    }
    let mut ids = [0_u64; FEW];
    for (slot, span) in ids.iter_mut().zip(trace.spans()) {
        *slot = u64::from_ne_bytes(span.span_id.0);
    }
    let ids = &ids[..trace.len()];
    ids.iter().enumerate().all(|(position, id)| *id != 0 && !ids[..position].contains(id))
}

/// Looks at every span. For traces that are not sound.
pub(super) fn survey(trace: Trace<'_>) -> Survey {
    let mut survey = Survey::default();
    let mut first: FxHashMap<SpanId, usize> = FxHashMap::default();
    for (position, span) in trace.spans().enumerate() {
        if span.span_id.is_zero() || span.trace_id.is_zero() {
            survey.zero_ids.push(position);
        }
        let earlier = *first.entry(span.span_id).or_insert(position);
        if earlier != position && !span.span_id.is_zero() {
            survey.duplicates.push(position);
            if same_work(trace.span(earlier), span) {
                survey.copies.insert(position);
                continue;
            }
        }
        match trace.parent(position) {
            Parent::None | Parent::Driver => survey.roots.push(position),
            Parent::Missing => survey.orphans.push(position),
            Parent::At(_) => {}
        }
    }
    survey.cycles = cycles(trace);
    survey
}

fn same_work(one: &Span, other: &Span) -> bool {
    one.name == other.name && one.kind == other.kind
}

/// Whether a span answers somebody outside: its parent may be another service's.
pub(super) fn is_entry(span: &Span) -> bool {
    matches!(span.kind, SpanKind::Server | SpanKind::Consumer)
}

/// The members of each parent cycle, from the one that starts first.
pub(super) fn cycles(trace: Trace<'_>) -> Vec<Vec<usize>> {
    // 0: not looked at; otherwise the number of the walk that first came by.
    let mut walked = vec![0_usize; trace.len()];
    let mut cycles = Vec::new();
    for start in 0..trace.len() {
        let walk = start + 1;
        let mut at = start;
        while walked[at] == 0 {
            walked[at] = walk;
            match trace.parent(at) {
                Parent::At(parent) => at = parent,
                Parent::None | Parent::Driver | Parent::Missing => break,
            }
        }
        let Parent::At(mut next) = trace.parent(at) else { continue };
        // The walk came by here before, and it was this walk: everything from here on is a cycle.
        if walked[at] == walk && walked[next] == walk {
            let mut members = vec![at];
            while next != at {
                members.push(next);
                match trace.parent(next) {
                    Parent::At(parent) => next = parent,
                    Parent::None | Parent::Driver | Parent::Missing => break,
                }
            }
            members.sort_unstable();
            cycles.push(members);
        }
    }
    cycles
}
