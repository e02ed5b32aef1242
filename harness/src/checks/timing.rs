//! Whether spans end after they start, and inside their parents.

use super::parallel::over_traces;
use super::survey::{cycles, is_sound};
use super::{Check, Index, Parent, Trace, promises_spans, subject};
use crate::capture::{Span, SpanKind};
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "timing",
    about: "every span ends after it starts and inside its parent",
    unit: "spans",
    wanted: promises_spans,
    run,
};

/// By how many nanoseconds a child may leave its parent: none. Both read the clock of one process, the child later at
/// its start and earlier at its end.
const TOLERANCE: u64 = 0;

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    over_traces(
        index,
        findings,
        || (),
        |(), trace, findings| {
            if !is_fine(trace) {
                explain(index, contract, trace, findings);
            }
        },
    );
    index.capture.spans.len() as u64
}

fn is_fine(trace: Trace<'_>) -> bool {
    (0..trace.len()).all(|position| {
        let span = trace.span(position);
        is_ordered(span)
            && match trace.parent(position) {
                Parent::At(parent) => is_inside(span, trace.span(parent)),
                Parent::None | Parent::Driver | Parent::Missing => true,
            }
    })
}

fn is_ordered(span: &Span) -> bool {
    span.start != 0 && span.start <= span.end
}

/// Whether `span` starts and ends while `parent` is open. Queues are exempt: what is sent may be taken any time later.
pub(super) fn is_inside(span: &Span, parent: &Span) -> bool {
    starts_inside(span, parent) && span.end <= parent.end.saturating_add(TOLERANCE)
        || matches!(span.kind, SpanKind::Producer | SpanKind::Consumer)
}

/// Whether `span` starts after `parent`.
pub(super) fn starts_inside(span: &Span, parent: &Span) -> bool {
    span.start.saturating_add(TOLERANCE) >= parent.start
}

fn explain(index: &Index<'_>, contract: &Contract, trace: Trace<'_>, findings: &mut Vec<Finding>) {
    let looped: Vec<usize> = if is_sound(trace) { Vec::new() } else { cycles(trace).concat() };
    // A span whose own times are wrong says nothing about the spans around it, and neither does one in a cycle.
    let judged = |position: usize| is_ordered(trace.span(position)) && !looped.contains(&position);
    let is_out = |position: usize| match trace.parent(position) {
        Parent::At(parent) => {
            judged(position)
                && judged(parent)
                && !is_inside(trace.span(position), trace.span(parent))
                && !outlived_on_purpose(contract, trace.span(parent))
        }
        Parent::None | Parent::Driver | Parent::Missing => false,
    };
    for position in 0..trace.len() {
        let span = trace.span(position);
        if span.start == 0 || span.end == 0 {
            findings.push(no_time(index, trace, position));
        } else if span.end < span.start {
            findings.push(negative(index, trace, position));
        }
        // The children of a span that is itself outside its parent follow it: one finding says it all.
        if is_out(position) {
            continue;
        }
        let out: Vec<usize> = trace.children(position).filter(|child| is_out(*child)).collect();
        match out.as_slice() {
            [] => {}
            [child] => findings.push(outside(index, trace, *child, position)),
            several => findings.push(outlived(index, trace, position, several)),
        }
    }
}

fn outlived_on_purpose(contract: &Contract, span: &Span) -> bool {
    contract.spans.iter().any(|(name, rule)| rule.children_may_outlive && name.matches(&span.name, &span.attributes))
}

fn no_time(index: &Index<'_>, trace: Trace<'_>, position: usize) -> Finding {
    let span = trace.span(position);
    let which = if span.start == 0 { "start" } else { "end" };
    Finding::violation(
        "span.no-time",
        Signal::Trace,
        subject::span(index, trace, position),
        format!("the span has no {which} time"),
    )
    .at(subject::place(trace, position, ""))
    .wanted(format!("a {which} in nanoseconds since the Unix epoch"))
    .found("0")
    .hint("look at how the span is built: times set by hand, or an exporter that loses them")
}

fn negative(index: &Index<'_>, trace: Trace<'_>, position: usize) -> Finding {
    let span = trace.span(position);
    Finding::violation(
        "span.negative-duration",
        Signal::Trace,
        subject::span(index, trace, position),
        "the span ends before it starts",
    )
    .at(subject::place(trace, position, ""))
    .wanted("an end after the start")
    .found(format!("an end {} before the start", nanoseconds(span.start - span.end)))
    .hint("do not mix clocks: start and end must come from the same one; look for times set by hand")
}

fn outside(index: &Index<'_>, trace: Trace<'_>, child: usize, parent: usize) -> Finding {
    let (span, around) = (trace.span(child), trace.span(parent));
    let mut found = Vec::new();
    if span.start < around.start {
        found.push(format!("it starts {} before `{}`", nanoseconds(around.start - span.start), around.name));
    }
    if span.end > around.end {
        found.push(format!("it ends {} after `{}`", nanoseconds(span.end - around.end), around.name));
    }
    Finding::violation(
        "span.outside-parent",
        Signal::Trace,
        subject::span(index, trace, child),
        format!("the span is not inside its parent `{}`", around.name),
    )
    .at(subject::place(trace, child, ""))
    .wanted("a start and an end while the parent is open")
    .found(found.join(", "))
    .hint("end the parent after its work, for example when a stream's last byte is sent; or write `children-may-outlive: true` for it in the contract")
}

fn outlived(index: &Index<'_>, trace: Trace<'_>, parent: usize, out: &[usize]) -> Finding {
    let span = trace.span(parent);
    let latest = out.iter().map(|child| trace.span(*child).end).max().unwrap_or(span.end);
    let names: Vec<&str> = out.iter().map(|child| &*trace.span(*child).name).collect();
    Finding::violation(
        "span.outside-parent",
        Signal::Trace,
        subject::span(index, trace, parent),
        format!("{} children of the span are not inside it", out.len()),
    )
    .at(subject::place(trace, parent, ""))
    .wanted("every child starts and ends while the span is open")
    .found(if latest > span.end {
        format!("{} at {}; the last ends {} after it", names.join(", "), subject::path(trace, parent), nanoseconds(latest - span.end))
    } else {
        format!("{} start before it", names.join(", "))
    })
    .hint("the span is ended too early, or started too late: keep it open until its work is done; or write `children-may-outlive: true` for it in the contract")
}

/// A duration for people: `340 ns`, `1.250 ms`.
fn nanoseconds(duration: u64) -> String {
    match duration {
        0..1_000 => format!("{duration} ns"),
        1_000..1_000_000 => format!("{}.{:03} µs", duration / 1_000, duration % 1_000),
        1_000_000..1_000_000_000 => format!("{}.{:03} ms", duration / 1_000_000, duration / 1_000 % 1_000),
        _ => format!("{}.{:03} s", duration / 1_000_000_000, duration / 1_000_000 % 1_000),
    }
}
