//! Whether exemplars lead to a trace.

use rustc_hash::FxHashSet;

use super::{Check, Index, index::sent_ids};
use crate::capture::{Capture, Exemplar, Family, TraceContext, TraceId};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "exemplars",
    about: "the trace of every exemplar can be opened",
    unit: "exemplars",
    // A service need not have exemplars; those it has must lead somewhere.
    wanted: |capture, _| exemplars(capture).next().is_some(),
    run,
};

fn exemplars(capture: &Capture) -> impl Iterator<Item = (&Family, &Exemplar)> {
    let families = capture.scrapes.iter().flat_map(|scrape| &scrape.families);
    families.flat_map(|family| {
        family.points.iter().flat_map(|point| &point.exemplars).map(move |exemplar| (family, exemplar))
    })
}

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let unsampled: FxHashSet<TraceId> = index
        .requests()
        .filter(|exchange| matches!(exchange.trace, Some(TraceContext::Unsampled { .. })))
        .filter_map(|exchange| sent_ids(exchange).map(|(trace, _)| trace))
        .collect();
    let began = index.requests().map(|exchange| exchange.start).min().unwrap_or(0);

    let mut examined = 0;
    for (family, exemplar) in exemplars(index.capture) {
        examined += 1;
        let before_the_run = exemplar.time != 0 && exemplar.time < began;
        let problem = match exemplar.trace_id {
            None => Some("it has no trace id".to_owned()),
            Some(id) if before_the_run || unsampled.contains(&id) => None,
            Some(id) => match index.trace(id) {
                None => Some(format!("no span of trace {id} was exported")),
                Some(trace) => exemplar
                    .span_id
                    .filter(|wanted| !trace.spans().any(|span| span.span_id == *wanted))
                    .map(|wanted| format!("trace {id} has no span {wanted}")),
            },
        };
        if let Some(problem) = problem {
            findings.push(
                Finding::violation("exemplar.unresolved", Signal::Metric, &*family.name, "an exemplar leads nowhere")
                    .at(Place {
                        trace_id: exemplar.trace_id.map(|id| id.to_string()),
                        span_id: exemplar.span_id.map(|id| id.to_string()),
                        path: format!("{} · exemplar", family.name),
                        ..Place::default()
                    })
                    .wanted("the trace and the span in which the value was recorded")
                    .found(problem)
                    .hint("record inside the span's context, with the exemplar filter trace_based"),
            );
        }
    }
    examined
}
