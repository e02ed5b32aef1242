//! What arrived of each request: spans, and log lines.

use std::collections::BTreeMap;

use otelgate_harness::capture::{LogRecord, Value};
use otelgate_harness::standins::Received;

use super::ledger::Notes;
use super::traces::Traces;
use super::transaction::Shared;
use crate::conservation::{Lines, Roots, Sent};

/// What arrived of the requests of one launch. It keeps a byte an item, however long the load.
pub(super) struct Seen {
    traces: Traces,
    /// Of each workload, of each item.
    roots: Vec<Vec<u8>>,
    lines: Vec<Vec<u8>>,
    /// Spans of all traces, since the start.
    pub(super) spans: u64,
}

impl Seen {
    pub(super) fn new(shared: &Shared) -> Self {
        let none = vec![Vec::new(); shared.workloads.len()];
        Self { traces: shared.traces, roots: none.clone(), lines: none, spans: 0 }
    }

    /// Counts spans. `begun` is how many items there are of each workload, at least.
    pub(super) fn spans(&mut self, received: &Received, begun: &[u64]) {
        self.spans += received.spans.len() as u64;
        for span in &received.spans {
            let Some((workload, item)) = self.traces.item(span.trace_id) else { continue };
            if span.parent == Some(self.traces.parent(workload, item)) {
                count(&mut self.roots, workload, item, begun);
            }
        }
    }

    /// Counts log lines that begin as those of their request's kind do.
    pub(super) fn lines(&mut self, records: &[LogRecord], wanted: &BTreeMap<String, String>, shared: &Shared) {
        if wanted.is_empty() {
            return;
        }
        let begun = shared.ledger.begun();
        for record in records {
            let Some((workload, item)) = record.trace_id.and_then(|trace| self.traces.item(trace)) else { continue };
            let Some(message) = message(shared, wanted, workload, item) else { continue };
            if matches!(&record.body, Value::Str(body) if body.starts_with(message)) {
                count(&mut self.lines, workload, item, &begun);
            }
        }
    }

    /// What was sent against the roots that arrived.
    pub(super) fn compare(&self, notes: &Notes, begun: &[u64]) -> Roots {
        Roots::compare(items(begun).map(|(workload, item)| Sent {
            trace: self.traces.id(workload, item),
            sampled: self.traces.sampled(workload, item),
            fate: notes.fate(workload, item).0,
            arrived: of(&self.roots, workload, item),
        }))
    }

    /// What was answered against the lines that were printed.
    pub(super) fn compare_lines(&self, notes: &Notes, shared: &Shared, wanted: &BTreeMap<String, String>) -> Lines {
        let mut lines = Lines::default();
        for (workload, item) in items(&shared.ledger.begun()) {
            if !notes.fate(workload, item).1 || message(shared, wanted, workload, item).is_none() {
                continue;
            }
            lines.wanted += 1;
            match of(&self.lines, workload, item) {
                0 => lines.missing += 1,
                1 => lines.once += 1,
                _ => lines.more += 1,
            }
        }
        lines
    }

    /// How many of the items from `from` on have a root, and how many must have one.
    pub(super) fn since(&self, from: &[u64], notes: &Notes, begun: &[u64]) -> (u64, u64) {
        let (mut arrived, mut wanted) = (0, 0);
        for (workload, item) in items(begun).filter(|(workload, item)| *item >= from[*workload]) {
            if notes.fate(workload, item).1 && self.traces.sampled(workload, item) {
                wanted += 1;
                arrived += u64::from(of(&self.roots, workload, item) > 0);
            }
        }
        (arrived, wanted)
    }
}

/// How the log line of an item begins, if one is wanted.
fn message<'w>(shared: &Shared, wanted: &'w BTreeMap<String, String>, workload: usize, item: u64) -> Option<&'w str> {
    let workload = &shared.workloads[workload];
    let kind = &workload.kinds[workload.kind_of(shared.seed, item)];
    wanted.get(&kind.name).map(String::as_str)
}

fn items(begun: &[u64]) -> impl Iterator<Item = (usize, u64)> {
    begun.iter().enumerate().flat_map(|(workload, count)| (0..*count).map(move |item| (workload, item)))
}

fn of(counts: &[Vec<u8>], workload: usize, item: u64) -> u8 {
    let count = usize::try_from(item).ok().and_then(|index| counts[workload].get(index));
    count.copied().unwrap_or(0)
}

/// An id that only looks like one of ours says some huge item, which was never begun.
fn count(counts: &mut [Vec<u8>], workload: usize, item: u64, begun: &[u64]) {
    if item >= begun[workload] {
        return;
    }
    let Ok(index) = usize::try_from(item) else { return };
    let counts = &mut counts[workload];
    if counts.len() <= index {
        counts.resize(index + 1, 0);
    }
    counts[index] = counts[index].saturating_add(1);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use otelgate_harness::capture::Span;

    use super::super::ledger::{End, Ledger};
    use super::*;
    use crate::workload::{Seed, Workload};

    /// A launch of which two items were answered well.
    fn shared() -> Shared {
        let file = "{version: 1, workload: w, requests: [{name: a, request: GET /a}]}";
        let workloads = vec![Workload::new(serde_saphyr::from_str(file).unwrap()).unwrap()];
        let (traces, ledger) = (Traces::new(1, 1.0), Ledger::new(&workloads));
        for _ in 0..2 {
            let begun = ledger.begin(0);
            ledger.end((0, 0), begun, Duration::from_millis(1), &End::Good);
        }
        Shared { workloads, seed: Seed(1), traces, ledger }
    }

    fn span(shared: &Shared, item: u64, root: bool) -> Span {
        let parent = root.then(|| shared.traces.parent(0, item));
        Span { trace_id: shared.traces.id(0, item), parent, ..Span::default() }
    }

    #[test]
    fn only_children_of_the_drivers_spans_are_roots_and_only_of_items_that_were_begun() {
        let shared = shared();
        let mut seen = Seen::new(&shared);
        let spans =
            vec![span(&shared, 0, true), span(&shared, 0, false), span(&shared, 1, false), span(&shared, 9, true)];

        seen.spans(&Received { spans, ..Received::default() }, &shared.ledger.begun());

        let roots = seen.compare(&shared.ledger.notes(), &shared.ledger.begun());
        assert_eq!((roots.wanted, roots.once, roots.missing, roots.more), (2, 1, 1, 0));
        assert_eq!(seen.spans, 4);
        assert_eq!(seen.since(&[1], &shared.ledger.notes(), &shared.ledger.begun()), (0, 1));
    }

    #[test]
    fn a_line_counts_by_its_trace_and_how_it_begins() {
        let shared = shared();
        let mut seen = Seen::new(&shared);
        let wanted = [("a".to_owned(), "answered".to_owned())].into();
        let line = |item, body: &str| LogRecord {
            trace_id: Some(shared.traces.id(0, item)),
            body: Value::Str(body.into()),
            ..LogRecord::default()
        };

        seen.lines(&[line(0, "answered a"), line(0, "answered a"), line(1, "asked")], &wanted, &shared);

        let lines = seen.compare_lines(&shared.ledger.notes(), &shared, &wanted);
        assert_eq!(lines, Lines { wanted: 2, once: 0, missing: 1, more: 1 });
    }
}
