//! The check itself: fits or explains.

use super::super::parallel::over_traces;
use super::super::{Check, Index, Trace, promises_spans, text};
use super::compile::Shapes;
use super::fits::Fitter;
use super::matching::Matching;
use super::plan::Plans;
use super::report::Report;
use crate::capture::TraceContext;
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(in crate::checks) const CHECK: Check = Check {
    name: "tree",
    about: "every span is in its place, with its attributes",
    unit: "spans",
    wanted: promises_spans,
    run,
};

/// What the shape of a trace says about its oddities.
pub(in crate::checks) struct Explained {
    /// Orphans whose parent is a span that the shape misses: one finding says it for all of them.
    pub(in crate::checks) orphans: Vec<usize>,
}

impl Shapes<'_> {
    /// Which of the trace's orphans a missing span accounts for; `None` if the contract gives the trace no shape.
    pub(in crate::checks) fn explained(&self, trace: Trace<'_>) -> Option<Explained> {
        let shape = self.of_trace(trace)?;
        Some(Explained { orphans: Matching::new(trace, shape).explained_orphans() })
    }
}

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if !promises_spans(index.capture, contract) {
        return 0;
    }
    let shapes = Shapes::new(contract);
    let new = || (Fitter::new(Plans::new(&shapes)), 0);
    let done = over_traces(index, findings, new, |(fitter, examined), trace, findings| {
        *examined += look(fitter, &shapes, index, trace, findings);
    });
    let mut used = used_by_missing_traces(index, &shapes);
    let mut examined = 0;
    for (fitter, count) in done {
        examined += count;
        used.iter_mut().zip(fitter.plans.used).for_each(|(used, by_one)| *used |= by_one);
    }
    // A run without spans has a louder finding.
    if !index.capture.spans.is_empty() {
        for (rule, _) in shapes.rules.iter().zip(used).filter(|(_, used)| !used) {
            findings.push(unused(rule.name.as_str(), index));
        }
    }
    examined
}

/// Rules of spans that would be there, had their trace not gone missing: that is a finding already.
fn used_by_missing_traces(index: &Index<'_>, shapes: &Shapes<'_>) -> Vec<bool> {
    let mut plans = Plans::new(shapes);
    let gone = index.requests().filter(|request| {
        !matches!(request.trace, Some(TraceContext::Unsampled { .. })) && index.trace_of(request).is_none()
    });
    for shape in gone.filter_map(|request| shapes.of_request(request)) {
        shape.subtree(0).for_each(|node| plans.use_rules_of(node));
    }
    plans.used
}

/// Judges one trace; returns how many of its spans were held against anything.
fn look<'a>(
    fitter: &mut Fitter<'_, 'a>,
    shapes: &Shapes<'a>,
    index: &Index<'_>,
    trace: Trace<'_>,
    findings: &mut Vec<Finding>,
) -> u64 {
    let request = trace.exchange();
    // The trace of an unsampled request must not be there at all: another check says so.
    let shape = request
        .filter(|request| !matches!(request.trace, Some(TraceContext::Unsampled { .. })))
        .and_then(|request| shapes.of_request(request));
    if let Some(shape) = shape {
        if !fitter.fits(trace, shape) {
            let mut matching = Matching::new(trace, shape);
            Report::new(index, trace, &mut fitter.plans, findings).matching(shape, &mut matching);
        }
        return trace.len() as u64;
    }
    if shapes.rules.is_empty() {
        return 0;
    }
    for position in 0..trace.len() {
        if !fitter.follows_rules(trace.span(position)) {
            Report::new(index, trace, &mut fitter.plans, findings).free_span(position);
        }
    }
    trace.len() as u64
}

fn unused(name: &str, index: &Index<'_>) -> Finding {
    let names = index.capture.spans.iter().map(|span| &*span.name);
    Finding::violation(
        "contract.unused",
        Signal::Run,
        format!("span rule {name}"),
        format!("no span of the run is called `{name}`, of which the contract has a rule"),
    )
    .at(Place { path: name.to_owned(), ..Place::default() })
    .wanted("at least one span of that name")
    .found(format!("none; {}", text::nothing_but(name, names)))
    .hint("drive what makes the span, mend the rule's name, or take the rule out of the contract")
}
