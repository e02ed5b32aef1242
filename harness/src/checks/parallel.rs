//! Spreads the traces of a large capture over the processor's cores.

use std::ops::Range;
use std::thread::{self, ScopedJoinHandle};

use super::{Index, Trace};
use crate::finding::Finding;

/// Captures of fewer spans are looked at by one thread: starting others would take longer.
const WORTH_A_THREAD: usize = 8_192;

/// How many threads a capture of so many spans is worth.
pub(super) fn workers(spans: usize) -> usize {
    if spans < WORTH_A_THREAD {
        return 1;
    }
    thread::available_parallelism().map_or(1, usize::from)
}

/// Shows every trace to `visit`, in the order of the index, and collects the findings in that order.
/// Returns each worker's state.
pub(super) fn over_traces<S: Send>(
    index: &Index<'_>,
    findings: &mut Vec<Finding>,
    state: impl Fn() -> S + Sync,
    visit: impl Fn(&mut S, Trace<'_>, &mut Vec<Finding>) + Sync,
) -> Vec<S> {
    let look = |traces: Range<usize>, findings: &mut Vec<Finding>| {
        let mut state = state();
        for position in traces {
            visit(&mut state, index.trace_at(position), findings);
        }
        state
    };
    let chunks = chunks(index, workers(index.capture.spans.len()));
    if chunks.len() == 1 {
        return chunks.into_iter().map(|chunk| look(chunk, findings)).collect();
    }
    let parts: Vec<(S, Vec<Finding>)> = thread::scope(|scope| {
        let handles: Vec<_> = chunks
            .into_iter()
            .map(|chunk| {
                scope.spawn(|| {
                    let mut findings = Vec::new();
                    (look(chunk, &mut findings), findings)
                })
            })
            .collect();
        handles.into_iter().map(join).collect()
    });
    parts
        .into_iter()
        .map(|(state, found)| {
            findings.extend(found);
            state
        })
        .collect()
}

/// What a thread returned; its panic goes on in this one.
pub(super) fn join<T>(handle: ScopedJoinHandle<'_, T>) -> T {
    handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Cuts the traces into `count` runs of about as many spans each.
fn chunks(index: &Index<'_>, count: usize) -> Vec<Range<usize>> {
    let share = index.capture.spans.len().div_ceil(count).max(1);
    let mut chunks = Vec::with_capacity(count);
    let (mut start, mut spans) = (0, 0);
    for (position, trace) in index.traces().enumerate() {
        spans += trace.len();
        if spans >= share {
            chunks.push(start..position + 1);
            (start, spans) = (position + 1, 0);
        }
    }
    if start < index.trace_count() || chunks.is_empty() {
        chunks.push(start..index.trace_count());
    }
    chunks
}
