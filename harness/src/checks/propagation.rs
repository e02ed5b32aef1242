//! Whether the trace context and baggage of a request reach the services it leads to.

use rustc_hash::{FxHashMap, FxHashSet};

use super::index::sent_ids;
use super::names::without_ids;
use super::trace_presence::not_continued_traces;
use super::{Check, Index, Trace, subject};
use crate::capture::{Exchange, Party, SpanId, SpanKind, TraceContext, TraceId};
use crate::contract::{Contract, Term};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "propagation",
    about: "every call carries its trace, its parent and its baggage",
    unit: "calls",
    wanted: |_, contract| counts_calls(contract),
    run,
};

/// Whether the contract counts calls that carry headers: then there must be some.
fn counts_calls(contract: &Contract) -> bool {
    fn any(terms: &[Term]) -> bool {
        terms.iter().any(|term| {
            term.calls.as_ref().is_some_and(|calls| carries_headers(calls.to))
                || any(&term.minus)
                || term.sum.as_deref().is_some_and(any)
        })
    }
    contract.relations.iter().any(|relation| any(&relation.equal))
}

fn carries_headers(party: Party) -> bool {
    matches!(party, Party::Model | Party::Qdrant)
}

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let mut calls = index.capture.exchanges.iter().filter(|exchange| carries_headers(exchange.by)).peekable();
    if calls.peek().is_none() {
        return 0;
    }
    let requests = Requests::new(index);
    let lost: FxHashSet<TraceId> = not_continued_traces(index, contract).into_iter().map(|(id, _)| id).collect();
    let mut examined = 0;
    for call in calls {
        let header = call.request_headers.get("traceparent");
        let context = header.and_then(|header| Context::parse(header));
        // Calls outside any request, such as those at start, belong to no trace we know of.
        let by_id = context.and_then(|context| requests.of_trace(index, context.trace_id));
        let Some(request) = by_id.or_else(|| requests.in_flight(call)) else { continue };
        examined += 1;
        let report = Report { index, call, request };
        let trace = index.trace_of(request);
        match context {
            None => findings.push(report.without_context(header)),
            Some(context) if by_id.is_none() => {
                // A request whose trace was not continued takes its calls along; that is one finding, made elsewhere.
                let stray =
                    index.trace(context.trace_id).is_some() && (trace.is_none() || lost.contains(&context.trace_id));
                // A request that sent no id and left no trace has none to compare with.
                let unknown = sent_ids(request).is_none() && trace.is_none();
                if !stray && !unknown {
                    findings.push(report.of_another_trace(context, request));
                }
            }
            Some(context) => findings.extend(report.context(context, trace)),
        }
        findings.extend(report.baggage());
    }
    examined
}

/// A valid `traceparent`.
#[derive(Clone, Copy)]
pub(super) struct Context {
    trace_id: TraceId,
    parent: SpanId,
    pub(super) sampled: bool,
}

impl Context {
    /// Reads the header as W3C Trace Context, level 1, says.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let mut fields = header.trim().split('-');
        let version = u8::from_str_radix(fields.next().filter(|field| field.len() == 2)?, 16).ok()?;
        let trace_id = TraceId::from_hex(fields.next()?).filter(|id| !id.is_zero())?;
        let parent = SpanId::from_hex(fields.next()?).filter(|id| !id.is_zero())?;
        let flags = u8::from_str_radix(fields.next().filter(|field| field.len() == 2)?, 16).ok()?;
        let well_formed = version != 0xff && (version > 0 || fields.next().is_none());
        well_formed.then_some(Self { trace_id, parent, sampled: flags & 1 == 1 })
    }
}

/// The driver's requests, by trace id and by time.
struct Requests<'i> {
    by_trace: FxHashMap<TraceId, &'i Exchange>,
    /// By their start, each with the latest end up to and including it.
    by_start: Vec<(&'i Exchange, u64)>,
}

impl<'i> Requests<'i> {
    fn new(index: &'i Index<'_>) -> Self {
        let mut by_trace = FxHashMap::default();
        let mut by_start = Vec::new();
        for request in index.requests() {
            if let Some((id, _)) = sent_ids(request) {
                by_trace.insert(id, request);
            }
            by_start.push((request, 0));
        }
        by_start.sort_by_key(|(request, _)| request.start);
        let mut latest = 0;
        for (request, end) in &mut by_start {
            latest = latest.max(request.end);
            *end = latest;
        }
        Self { by_trace, by_start }
    }

    /// The request that sent the id, or the one for which the service began the trace.
    fn of_trace(&self, index: &'i Index<'_>, id: TraceId) -> Option<&'i Exchange> {
        self.by_trace.get(&id).copied().or_else(|| index.trace(id)?.exchange())
    }

    /// The request sent last of those that were unanswered when the call was made.
    fn in_flight(&self, call: &Exchange) -> Option<&'i Exchange> {
        let after = self.by_start.partition_point(|(request, _)| request.start <= call.start);
        self.by_start[..after]
            .iter()
            .rev()
            .take_while(|(_, latest)| *latest >= call.start)
            .map(|(request, _)| *request)
            .find(|request| request.end >= call.start)
    }
}

struct Report<'r> {
    index: &'r Index<'r>,
    call: &'r Exchange,
    request: &'r Exchange,
}

impl Report<'_> {
    fn broken(&self, message: impl Into<String>) -> Finding {
        let party = match self.call.by {
            Party::Driver => "driver",
            Party::Collector => "collector",
            Party::Model => "model",
            Party::Qdrant => "qdrant",
            Party::Redis => "redis",
        };
        let path = self.call.path.split('?').next().unwrap_or_default();
        let call = format!("{party} {} {}", self.call.method, without_ids(path));
        Finding::violation(
            "propagation.broken",
            Signal::Trace,
            format!("{} / {}", subject::request(self.index, self.request), call.trim_end()),
            message,
        )
        .at(Place { path: call.trim_end().to_owned(), ..subject::request_place(self.request) })
    }

    fn without_context(&self, header: Option<&String>) -> Finding {
        self.broken("a call made for the request carried no valid `traceparent`")
            .wanted("a `traceparent` with the request's trace id")
            .found(header.map_or_else(|| "no `traceparent`".to_owned(), |header| format!("`traceparent: {header}`")))
            .hint("inject the current context into the client's headers or metadata, inside the client span")
    }

    fn of_another_trace(&self, context: Context, request: &Exchange) -> Finding {
        let wanted =
            sent_ids(request).map_or_else(|| "the request's trace".to_owned(), |(id, _)| format!("trace {id}"));
        self.broken("a call made for the request carried another trace's context")
            .wanted(wanted)
            .found(format!("trace {}", context.trace_id))
            .hint("the context was lost on the way to the client: pass it into the task or thread that makes the call")
    }

    fn context(&self, context: Context, trace: Option<Trace<'_>>) -> Option<Finding> {
        let sampled = !matches!(self.request.trace, Some(TraceContext::Unsampled { .. }));
        if context.sampled != sampled {
            let flag = |sampled| if sampled { "the sampled flag 01" } else { "the sampled flag 00" };
            return Some(
                self.broken("a call made for the request changed its sampling decision")
                    .wanted(flag(sampled))
                    .found(flag(context.sampled))
                    .hint("use a parent-based sampler, so that one decision holds for the whole trace"),
            );
        }
        // An unsampled request has no spans to look for; a trace that is not there at all is another finding.
        let trace = trace.filter(|_| sampled)?;
        let found = trace.spans().find(|span| span.span_id == context.parent);
        if let Some(outer) = found.filter(|span| span.kind == SpanKind::Client) {
            // A library's call may be a client span around those of its attempts: the attempt is what made the call.
            let inner =
                trace.spans().find(|span| span.kind == SpanKind::Client && span.parent == Some(outer.span_id))?;
            return Some(
                self.broken("the call's parent is not the innermost client span around it")
                    .wanted(format!("the id of `{}`, under `{}`", inner.name, outer.name))
                    .found(format!("the id of `{}`", outer.name))
                    .hint("inject the context in which the innermost client span is current, once for each attempt"),
            );
        }
        Some(
            self.broken("the call's parent is not a client span of the trace")
                .wanted("the id of the client span around the call")
                .found(match found {
                    Some(span) => format!("`{}`, a span of kind {}", span.name, span.kind.name()),
                    None if sent_ids(self.request).is_some_and(|(_, driver)| driver == context.parent) => {
                        "the driver's own span: the header was copied, not made anew".to_owned()
                    }
                    None => "a span that was not exported".to_owned(),
                })
                .hint("start the client span first, then inject the context it is current in"),
        )
    }

    /// Values are never shown: baggage may carry what must not be in a report.
    fn baggage(&self) -> Option<Finding> {
        let sent = members(self.request.request_headers.get("baggage")?);
        let carried = self.call.request_headers.get("baggage").map(|header| members(header)).unwrap_or_default();
        let lost: Vec<String> = sent
            .iter()
            .filter_map(|(key, value)| match carried.iter().find(|(carried, _)| carried == key) {
                None => Some(format!("`{key}` lost")),
                Some((_, carried)) if carried != value => Some(format!("`{key}` changed")),
                Some(_) => None,
            })
            .collect();
        (!lost.is_empty()).then(|| {
            let wanted: Vec<String> = sent.iter().map(|(key, _)| format!("`{key}`")).collect();
            self.broken("a call made for the request lost its baggage")
                .wanted(format!("the members {}, values unchanged", wanted.join(", ")))
                .found(lost.join(", "))
                .hint("add the W3C baggage propagator beside the trace context one")
        })
    }
}

/// Keys and values of a `baggage` header, properties left out.
fn members(header: &str) -> Vec<(&str, &str)> {
    header
        .split(',')
        .filter_map(|member| member.split(';').next()?.split_once('='))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect()
}
