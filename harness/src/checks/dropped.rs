//! Whether spans lost parts to the SDK's limits.

use super::parallel::over_traces;
use super::{Check, Index, promises_spans, subject};
use crate::capture::Span;
use crate::contract::Contract;
use crate::finding::{Finding, Signal};

pub(super) const CHECK: Check = Check {
    name: "dropped",
    about: "no span lost anything to the SDK's limits",
    unit: "spans",
    wanted: promises_spans,
    run,
};

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    over_traces(
        index,
        findings,
        || (),
        |(), trace, findings| {
            for (position, span) in trace.spans().enumerate() {
                if let Some(lost) = lost(span) {
                    findings.push(
                        Finding::violation(
                            "span.dropped",
                            Signal::Trace,
                            subject::span(index, trace, position),
                            format!("the SDK dropped parts of `{}`", span.name),
                        )
                        .at(subject::place(trace, position, ""))
                        .wanted("nothing dropped")
                        .found(lost)
                        .hint("record less on one span, or raise the SDK's span limits"),
                    );
                }
            }
        },
    );
    index.capture.spans.len() as u64
}

/// What was dropped of the span itself, and of its events and links.
fn lost(span: &Span) -> Option<String> {
    let dropped = span.dropped;
    let of_events = span.events.iter().map(|event| event.dropped_attributes).sum();
    let of_links = span.links.iter().map(|link| link.dropped_attributes).sum();
    let parts = [
        (dropped.attributes, "attributes"),
        (dropped.events, "events"),
        (dropped.links, "links"),
        (of_events, "attributes of events"),
        (of_links, "attributes of links"),
    ];
    let lost: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    (!lost.is_empty()).then(|| lost.join(", "))
}
