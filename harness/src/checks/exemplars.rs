//! Whether exemplars lead to a trace, and are where they were promised.

use rustc_hash::FxHashSet;

use super::{Check, Index, index::sent_ids};
use crate::capture::arrived::StoredExemplar;
use crate::capture::{Capture, SpanId, TraceId};
use crate::contract::{Contract, ExemplarRule};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "exemplars",
    about: "the trace of every exemplar can be opened",
    unit: "exemplars",
    // A service need not have exemplars unless it promised them; those it has must lead somewhere.
    wanted: |capture, _| exemplars(capture).next().is_some(),
    run,
};

/// An exemplar, wherever it was found.
struct Found<'c> {
    metric: &'c str,
    time: u64,
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
}

/// The exemplars of the expositions, and those that the metric store took over.
fn exemplars(capture: &Capture) -> impl Iterator<Item = Found<'_>> {
    let families = capture.scrapes.iter().flat_map(|scrape| &scrape.families);
    let exposed = families.flat_map(|family| {
        family.points.iter().flat_map(|point| &point.exemplars).map(move |exemplar| Found {
            metric: &family.name,
            time: exemplar.time,
            trace_id: exemplar.trace_id,
            span_id: exemplar.span_id,
        })
    });
    let stored = capture.arrived.metrics.iter().flat_map(|metrics| &metrics.exemplars).map(stored);
    exposed.chain(stored)
}

fn stored(exemplar: &StoredExemplar) -> Found<'_> {
    let name = exemplar.series.get("__name__").map_or("", String::as_str);
    let label = |names: [&str; 3]| names.into_iter().find_map(|name| exemplar.labels.get(name));
    Found {
        // The metric's name, under which the exposition has it too: one defect, one finding.
        metric: name.strip_suffix("_bucket").unwrap_or(name),
        time: exemplar.time,
        trace_id: label(["trace_id", "traceID", "traceId"]).and_then(|id| TraceId::from_hex(id)),
        span_id: label(["span_id", "spanID", "spanId"]).and_then(|id| SpanId::from_hex(id)),
    }
}

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    // An unsampled request leaves no trace; that a sampled one left none is a finding of its own.
    let sent: FxHashSet<TraceId> = index.requests().filter_map(|request| Some(sent_ids(request)?.0)).collect();
    let began = index.requests().map(|exchange| exchange.start).min().unwrap_or(0);

    let mut examined = 0;
    // A trace that the receiver has is held against the trace store by another check.
    for exemplar in exemplars(index.capture) {
        examined += 1;
        let before_the_run = exemplar.time != 0 && exemplar.time < began;
        let problem = match exemplar.trace_id {
            None => Some("it has no trace id".to_owned()),
            Some(_) if before_the_run => None,
            Some(id) => match index.trace(id) {
                None if sent.contains(&id) => None,
                None => Some(format!("no span of trace {id} was exported")),
                Some(trace) => exemplar
                    .span_id
                    .filter(|wanted| !trace.spans().any(|span| span.span_id == *wanted))
                    .map(|wanted| format!("trace {id} has no span {wanted}")),
            },
        };
        if let Some(problem) = problem {
            findings.push(
                Finding::violation("exemplar.unresolved", Signal::Metric, exemplar.metric, "an exemplar leads nowhere")
                    .at(Place {
                        trace_id: exemplar.trace_id.map(|id| id.to_string()),
                        span_id: exemplar.span_id.map(|id| id.to_string()),
                        path: format!("{} · exemplar", exemplar.metric),
                        ..Place::default()
                    })
                    .wanted("the trace and the span in which the value was recorded")
                    .found(problem)
                    .hint("record inside the span's context, with the exemplar filter trace_based"),
            );
        }
    }
    missing(index.capture, contract, findings);
    examined
}

/// Metrics that were promised with exemplars and have none.
fn missing(capture: &Capture, contract: &Contract, findings: &mut Vec<Finding>) {
    let promised = contract.metrics.iter().filter(|(_, rule)| rule.exemplars == Some(ExemplarRule::Required));
    for (name, _) in promised {
        let families = capture.scrapes.iter().flat_map(|scrape| &scrape.families);
        let mut same = families.filter(|family| *family.name == **name).peekable();
        // That the metric itself is missing is another check's finding.
        if same.peek().is_none() || exemplars(capture).any(|found| *found.metric == **name) {
            continue;
        }
        let elsewhere = exemplars(capture)
            .next()
            .map_or("no metric has any".to_owned(), |found| format!("none on it; `{}` has some", found.metric));
        findings.push(
            Finding::violation("exemplar.missing", Signal::Metric, &**name, format!("`{name}` has no exemplar"))
                .at(Place { path: format!("{name} · exemplar"), ..Place::default() })
                .wanted("an exemplar with a trace id on at least one series")
                .found(elsewhere)
                .hint("record inside a sampled span; if the endpoint has a text format only, let it answer in OpenMetrics"),
        );
    }
}
