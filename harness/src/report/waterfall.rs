//! The first trace of each scenario, span by span in time.

use std::time::Duration;

use rustc_hash::FxHashSet;

use super::Report;
use super::redact::Redactor;
use crate::capture::StatusCode;
use crate::checks::{Index, Parent, Trace};

/// Most spans of a waterfall; a page is read, not searched.
const MOST: usize = 200;

/// The first trace of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waterfall {
    /// The scenario.
    pub scenario: String,
    /// The trace, 32 hexadecimal digits.
    pub trace_id: String,
    /// From the first start to the last end.
    pub length: Duration,
    /// Its spans, each parent before its children, children in the order of their starts.
    pub bars: Vec<Bar>,
    /// Spans that are left out because there are too many.
    pub hidden: usize,
}

/// A span of a waterfall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// How many ancestors it has in the trace.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// Its kind as contracts spell it.
    pub kind: &'static str,
    /// From the trace's first start to its own.
    pub offset: Duration,
    /// How long it took; zero if it ends before it starts.
    pub length: Duration,
    /// Whether it says that it failed.
    pub error: bool,
}

impl Report<'_> {
    /// The first trace of each scenario, in the order in which they arrived. Arranges the capture if no finding made that
    /// necessary before, which takes a while for a large one.
    #[must_use]
    pub fn waterfalls(&self) -> Vec<Waterfall> {
        match &self.index {
            Some(index) => waterfalls(index, &self.redactor),
            None => waterfalls(&Index::new(self.capture), &self.redactor),
        }
    }
}

fn waterfalls(index: &Index<'_>, redactor: &Redactor<'_>) -> Vec<Waterfall> {
    let mut seen = FxHashSet::default();
    let mut waterfalls = Vec::new();
    for trace in index.traces() {
        let Some(exchange) = trace.exchange() else { continue };
        if !exchange.scenario.is_empty() && seen.insert(&exchange.scenario) {
            waterfalls.push(waterfall(trace, redactor.clean(&exchange.scenario), redactor));
        }
    }
    waterfalls
}

fn waterfall(trace: Trace<'_>, scenario: String, redactor: &Redactor<'_>) -> Waterfall {
    let begin = trace.spans().map(|span| span.start).min().unwrap_or(0);
    let end = trace.spans().map(|span| span.end.max(span.start)).max().unwrap_or(begin);
    let order = depth_first(trace);
    let bars = order.iter().take(MOST).map(|(position, depth)| {
        let span = trace.span(*position);
        Bar {
            depth: *depth,
            name: redactor.clean(&span.name),
            kind: span.kind.name(),
            offset: Duration::from_nanos(span.start - begin),
            length: Duration::from_nanos(span.end.saturating_sub(span.start)),
            error: span.status.code == StatusCode::Error,
        }
    });
    Waterfall {
        scenario,
        trace_id: trace.id().to_string(),
        length: Duration::from_nanos(end - begin),
        bars: bars.collect(),
        hidden: order.len().saturating_sub(MOST),
    }
}

/// Positions with their depths. Spans of a cycle, which hang under no top, come last.
fn depth_first(trace: Trace<'_>) -> Vec<(usize, usize)> {
    let tops = (0..trace.len()).filter(|position| !matches!(trace.parent(*position), Parent::At(_)));
    let mut order = Vec::with_capacity(trace.len());
    let mut seen = FxHashSet::default();
    for top in tops.chain(0..trace.len()) {
        let mut stack = vec![(top, 0)];
        while let Some((position, depth)) = stack.pop() {
            if !seen.insert(position) {
                continue;
            }
            order.push((position, depth));
            let mut children: Vec<(usize, usize)> = trace.children(position).map(|child| (child, depth + 1)).collect();
            children.reverse();
            stack.append(&mut children);
        }
    }
    order
}
