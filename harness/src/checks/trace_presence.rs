//! Whether each request left a trace, and only those that should.

use super::foreign::RUN_ID;
use super::names::without_ids;
use super::scenarios::NO_TRACE;
use super::survey::is_entry;
use super::{Check, Index, Trace, subject};
use crate::capture::{Exchange, TraceContext, TraceId};
use crate::contract::{Contract, OneOrMany};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "trace_presence",
    about: "each sampled request left its trace, and no other did",
    unit: "requests",
    wanted: |_, contract| !contract.scenarios.is_empty(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut strays = None;
    let mut examined = 0;
    for request in index.requests() {
        let Some(context) = &request.trace else { continue };
        examined += 1;
        let silent = matches!(context, TraceContext::Unsampled { .. }) || leaves_no_trace(contract, request);
        match (index.trace_of(request), silent) {
            (Some(trace), true) => findings.push(exported(index, request, trace)),
            (None, false) => {
                // Without a valid `traceparent` any trace begun meanwhile would be this request's, and there is none.
                let sampled = matches!(context, TraceContext::Sampled { .. });
                let strays = strays.get_or_insert_with(|| Strays::new(index));
                let stray = if sampled { strays.take(index, request) } else { None };
                findings.push(match stray {
                    Some(trace) => not_continued(index, request, trace),
                    None => missing(index, request),
                });
            }
            (Some(_), false) | (None, true) => {}
        }
    }
    for (trace, request) in begun_inside(index) {
        findings.push(lost_context(index, request, trace));
    }
    examined
}

/// Traces begun for requests whose own trace was not continued, or not to its end: nobody else's, though no request sent
/// their id.
pub(super) fn not_continued_traces<'i>(index: &'i Index<'_>, contract: &Contract) -> Vec<(TraceId, &'i Exchange)> {
    let mut strays = None;
    let lost = index.requests().filter(|request| {
        let sampled = matches!(request.trace, Some(TraceContext::Sampled { .. }));
        sampled && !leaves_no_trace(contract, request) && index.trace_of(request).is_none()
    });
    lost.filter_map(|request| {
        let strays = strays.get_or_insert_with(|| Strays::new(index));
        strays.take(index, request).map(|trace| (trace.id(), request))
    })
    .chain(begun_inside(index).into_iter().map(|(trace, request)| (trace.id(), request)))
    .collect()
}

/// As many requests as may be open at once when a trace begins.
const MOST_OPEN: usize = 64;

/// Traces that begin in the middle of a request, which has a trace of its own: the context was lost on the way.
fn begun_inside<'i>(index: &'i Index<'_>) -> Vec<(Trace<'i>, &'i Exchange)> {
    let run = &index.capture.run.id;
    let inner: Vec<(Trace<'_>, u64)> = index
        .traces()
        .filter(|trace| trace.exchange().is_none() && !trace.id().is_zero())
        .filter_map(|trace| {
            let root = trace.span(trace.roots().next()?);
            let is_ours = root.origin.resource.attributes.str(RUN_ID).is_none_or(|id| id == run);
            (is_ours && !is_entry(root)).then_some((trace, root.start))
        })
        .collect();
    if inner.is_empty() {
        return Vec::new();
    }
    let mut requests: Vec<_> = index.requests().collect();
    requests.sort_by_key(|request| request.start);
    let open_at = |moment: u64| {
        let after = requests.partition_point(|request| request.start <= moment);
        let latest = requests[..after].iter().rev().take(MOST_OPEN).copied();
        latest.filter(|request| moment <= request.end).find(|request| index.trace_of(request).is_some())
    };
    inner.into_iter().filter_map(|(trace, began)| Some((trace, open_at(began)?))).collect()
}

/// Whether the contract says that the request leaves no trace at all.
pub(super) fn leaves_no_trace(contract: &Contract, request: &Exchange) -> bool {
    let shapes: Option<&OneOrMany> = contract.scenarios.get(&request.scenario);
    shapes.and_then(|shapes| shapes.at(request.step)) == Some(NO_TRACE)
}

/// Traces nobody is known to have asked for that begin as an answer to somebody, by the time they began.
struct Strays(Vec<(u64, usize)>);

impl Strays {
    fn new(index: &Index<'_>) -> Self {
        let mut strays: Vec<_> = index
            .traces()
            .enumerate()
            .filter(|(_, trace)| trace.exchange().is_none())
            .filter_map(|(position, trace)| {
                let root = trace.span(trace.roots().next()?);
                is_entry(root).then_some((root.start, position))
            })
            .collect();
        strays.sort_unstable();
        Self(strays)
    }

    /// The first stray trace that began during the request; it answers for no other.
    fn take<'i>(&mut self, index: &'i Index<'_>, request: &Exchange) -> Option<Trace<'i>> {
        let at = self.0.partition_point(|(began, _)| *began < request.start);
        self.0.get(at).filter(|(began, _)| *began <= request.end)?;
        let (_, position) = self.0.remove(at);
        Some(index.trace_at(position))
    }
}

fn exported(index: &Index<'_>, request: &Exchange, trace: Trace<'_>) -> Finding {
    let (message, hint) = if matches!(request.trace, Some(TraceContext::Unsampled { .. })) {
        (
            "a trace was exported for a request whose `traceparent` says that it is not sampled",
            "use a parent-based sampler, and look for code that starts spans without the request's context",
        )
    } else {
        (
            "a trace was exported for a request that is to leave none",
            "exclude the route from instrumentation, or give the request a shape in the contract",
        )
    };
    Finding::violation("trace.unsampled-exported", Signal::Trace, subject::request(index, request), message)
        .at(subject::trace_place(trace))
        .wanted("no span")
        .found(format!("{} spans, the first called `{}`", trace.len(), trace.span(0).name))
        .hint(hint)
}

fn not_continued(index: &Index<'_>, request: &Exchange, trace: Trace<'_>) -> Finding {
    Finding::violation(
        "trace.not-continued",
        Signal::Trace,
        subject::request(index, request),
        "the service ignored the request's valid `traceparent` and began a trace of its own",
    )
    .at(subject::request_place(request))
    .wanted(format!("spans of trace {}", sent_trace(request)))
    .found(format!("trace {}, begun by `{}` during the request", trace.id(), trace.span(0).name))
    .hint("extract the context from the request's headers before the first span is started, and set a W3C propagator")
}

fn lost_context(index: &Index<'_>, request: &Exchange, trace: Trace<'_>) -> Finding {
    let root = trace.roots().next().unwrap_or(0);
    let name = &trace.span(root).name;
    let own = index.trace_of(request).map(|own| own.id().to_string()).unwrap_or_default();
    let Place { scenario, step, .. } = subject::request_place(request);
    Finding::violation(
        "trace.not-continued",
        Signal::Trace,
        format!("{} / {}", subject::request(index, request), without_ids(name)),
        format!("the span `{name}` began a trace of its own in the middle of the request"),
    )
    .at(Place { scenario, step, ..subject::place(trace, root, "") })
    .wanted(format!("a parent in trace {own}, which the service began or continued for the request"))
    .found(format!("trace {} of {} spans", trace.id(), trace.len()))
    .hint("pass the context into the task, thread or stream that starts the span; if it is work of its own, link it to the request")
}

fn missing(index: &Index<'_>, request: &Exchange) -> Finding {
    let (message, wanted) = match &request.trace {
        Some(TraceContext::Sampled { trace_id, .. }) => {
            ("a sampled request left no trace", format!("spans of trace {trace_id}"))
        }
        Some(TraceContext::Malformed { .. }) => (
            "a request with a malformed `traceparent` left no trace",
            "a trace that the service began itself, as W3C Trace Context asks".to_owned(),
        ),
        _ => ("a request without a `traceparent` left no trace", "a trace that the service began itself".to_owned()),
    };
    Finding::violation("trace.missing", Signal::Trace, subject::request(index, request), message)
        .at(subject::request_place(request))
        .wanted(wanted)
        .found(match request.status {
            Some(status) => format!("no span; the answer was {status}"),
            None => "no span, and no answer".to_owned(),
        })
        .hint("look for spans lost at shutdown, a full export queue, a sampler that ignores its parent, or a route without instrumentation")
}

fn sent_trace(request: &Exchange) -> &str {
    match &request.trace {
        Some(TraceContext::Sampled { trace_id, .. } | TraceContext::Unsampled { trace_id, .. }) => trace_id,
        _ => "",
    }
}
