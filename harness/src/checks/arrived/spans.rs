//! Whether every span is in the trace store, once, under the same parent and unchanged.

use rustc_hash::{FxHashMap, FxHashSet};

use super::compare::{self, Comparison, Difference};
use super::losses::Kept;
use super::origins::origins;
use crate::capture::{Capture, Origin, Span, SpanId, TraceId};
use crate::checks::foreign::RUN_ID;
use crate::checks::{Check, Index, Trace, names, promises_spans, subject, text};
use crate::contract::Contract;
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "arrived_spans",
    about: "every span is in the trace store, once and unchanged",
    unit: "spans",
    wanted: |capture, contract| capture.arrived.traces.is_some() && promises_spans(capture, contract),
    run,
};

/// Missing spans that one finding names.
const NAMED: usize = 5;

/// The store's spans by their ids.
type Stored<'c> = FxHashMap<(TraceId, SpanId), Vec<&'c Span>>;

fn run(index: &Index<'_>, _: &Contract, findings: &mut Vec<Finding>) -> u64 {
    let capture = index.capture;
    let Some(spans) = &capture.arrived.traces else { return 0 };
    let mut stored: Stored<'_> = FxHashMap::default();
    for span in spans {
        stored.entry((span.trace_id, span.span_id)).or_default().push(span);
    }
    if spans.is_empty() && !capture.spans.is_empty() {
        findings.push(nothing(capture));
        return capture.spans.len() as u64;
    }
    let mut pairs = Vec::new();
    for trace in index.traces() {
        lost(index, trace, &stored, findings);
        for (position, span) in trace.spans().enumerate() {
            if let Some(found) = stored.get(&(span.trace_id, span.span_id)) {
                pairs.push((trace, position, found[0]));
            }
        }
    }
    repeated(index, &stored, findings);
    changed(index, &pairs, findings);
    extra(index, spans, findings);
    capture.spans.len() as u64
}

fn finding(id: &'static str, subject: impl Into<String>, message: impl Into<String>) -> Finding {
    Finding::violation(id, Signal::Trace, subject, message)
}

fn nothing(capture: &Capture) -> Finding {
    finding("arrival.trace-missing", "all traces", "the trace store has no span of this run")
        .at(Place::default())
        .wanted(format!("{} spans, as the receiver beside it has", capture.spans.len()))
        .found("none")
        .hint("check the exporter behind the receiver: its address, and the log of both for refused batches")
}

/// Spans of a trace that the store does not have: one finding a trace.
fn lost(index: &Index<'_>, trace: Trace<'_>, stored: &Stored<'_>, findings: &mut Vec<Finding>) {
    let is_lost = |position: &usize| !stored.contains_key(&(trace.id(), trace.span(*position).span_id));
    let lost: Vec<usize> = (0..trace.len()).filter(is_lost).collect();
    let Some(first) = lost.first() else { return };
    if lost.len() == trace.len() {
        findings.push(
            finding("arrival.trace-missing", subject::trace(index, trace), "a whole trace is not in the trace store")
                .at(subject::trace_place(trace))
                .wanted(format!("the {} spans that the receiver beside it has", trace.len()))
                .found("no span of the trace")
                .hint("a batch was lost on the way, or the store evicted the trace: look at its limits and its log"),
        );
        return;
    }
    let mut paths: Vec<String> = lost.iter().take(NAMED).map(|at| subject::path(trace, *at)).collect();
    if lost.len() > NAMED {
        paths.push(format!("and {} more", lost.len() - NAMED));
    }
    let message = format!("{} of {} spans of a trace are not in the trace store", lost.len(), trace.len());
    findings.push(
        finding("arrival.span-missing", subject::trace(index, trace), message)
            .at(subject::place(trace, *first, ""))
            .wanted("every span that the receiver beside it has")
            .found(format!("all but: {}", paths.join("; ")))
            .hint("a batch was lost on the way: spans of one trace travel in several"),
    );
}

/// Spans that the store has more often than they were sent.
fn repeated(index: &Index<'_>, stored: &Stored<'_>, findings: &mut Vec<Finding>) {
    for trace in index.traces() {
        for (position, span) in trace.spans().enumerate() {
            let count = stored.get(&(span.trace_id, span.span_id)).map_or(0, Vec::len);
            if count < 2 {
                continue;
            }
            let sent = trace.spans().filter(|other| other.span_id == span.span_id).count();
            if count > sent {
                findings.push(
                    finding(
                        "arrival.duplicate",
                        subject::span(index, trace, position),
                        format!("the trace store has a span {count} times"),
                    )
                    .at(subject::place(trace, position, ""))
                    .wanted(times(sent))
                    .found(times(count))
                    .hint("a batch was sent again although it had arrived, or two pipelines lead to one store"),
                );
            }
        }
    }
}

fn times(count: usize) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

/// Spans that came back changed. What the store changes by design is known only after all of them were looked at.
fn changed(index: &Index<'_>, pairs: &[(Trace<'_>, usize, &Span)], findings: &mut Vec<Finding>) {
    let mut kept = Kept::default();
    let mut compared = Vec::with_capacity(pairs.len());
    let mut known: FxHashSet<(*const Origin, *const Origin)> = FxHashSet::default();
    let mut of_origins: Vec<(Trace<'_>, usize, Difference)> = Vec::new();
    for (trace, position, stored) in pairs {
        let sent = trace.span(*position);
        let mut comparison = Comparison { kept, ..Comparison::default() };
        compare::spans(&mut comparison, sent, stored);
        kept = comparison.kept;
        compared.push((*trace, *position, comparison.differences));
        // Many spans share one resource and one scope.
        if known.insert((&raw const *sent.origin, &raw const *stored.origin)) {
            let mut comparison = Comparison { kept, ..Comparison::default() };
            origins(&mut comparison, &sent.origin, &stored.origin);
            kept = comparison.kept;
            of_origins.extend(comparison.differences.into_iter().map(|it| (*trace, *position, it)));
        }
    }
    let is_news = |difference: &Difference| !difference.loss.is_some_and(|row| kept.accepts(row));
    let mut told: Vec<String> = Vec::new();
    for (trace, position, difference) in of_origins {
        // Once, not for every batch of spans.
        if is_news(&difference) && !told.contains(&difference.field) {
            told.push(difference.field.clone());
            findings.push(differs(difference.field.clone(), trace, position, &difference));
        }
    }
    for (trace, position, differences) in &compared {
        for difference in differences.iter().filter(|difference| is_news(difference)) {
            let subject = subject::attribute(index, *trace, *position, &difference.field);
            findings.push(differs(subject, *trace, *position, difference));
        }
    }
}

fn differs(subject: String, trace: Trace<'_>, position: usize, difference: &Difference) -> Finding {
    let Difference { field, sent, stored, .. } = difference;
    finding("arrival.span-differs", subject, format!("`{field}` is not in the trace store as it was sent"))
        .at(subject::place(trace, position, field))
        .wanted(text::quoted(sent))
        .found(text::quoted(stored))
        .hint("a processor on the way changed it, or the store lost it; docs/ARRIVAL.md lists what Jaeger itself loses")
}

/// Spans of this run that the store has and the receiver has not: one finding a trace.
fn extra(index: &Index<'_>, stored: &[Span], findings: &mut Vec<Finding>) {
    let run = &index.capture.run.id;
    // A service whose resource nobody can set marks nothing: then its name has to do.
    let marked = index.capture.spans.iter().any(|span| span.origin.resource.attributes.get(RUN_ID).is_some());
    let services: Vec<&str> =
        index.capture.spans.iter().filter_map(|span| span.origin.resource.attributes.str("service.name")).collect();
    let is_ours = |span: &Span| {
        let resource = &span.origin.resource.attributes;
        match resource.str(RUN_ID) {
            Some(id) => id == run,
            None => !marked && resource.str("service.name").is_some_and(|name| services.contains(&name)),
        }
    };
    let mut by_trace: Vec<(TraceId, Vec<&Span>)> = Vec::new();
    for span in stored.iter().filter(|span| is_ours(span)) {
        let sent = index.trace(span.trace_id);
        if sent.is_some_and(|trace| trace.spans().any(|it| it.span_id == span.span_id)) {
            continue;
        }
        match by_trace.iter_mut().find(|(id, _)| *id == span.trace_id) {
            Some((_, spans)) => spans.push(span),
            None => by_trace.push((span.trace_id, vec![span])),
        }
    }
    for (id, spans) in by_trace {
        let first = spans[0];
        let trace = index.trace(id);
        let of = trace.map_or_else(|| "no trace of the receiver".to_owned(), |trace| subject::trace(index, trace));
        let name = names::without_ids(&first.name);
        let place = Place {
            trace_id: Some(id.to_string()),
            span_id: Some(first.span_id.to_string()),
            path: first.name.to_string(),
            ..trace.map(subject::trace_place).unwrap_or_default()
        };
        findings.push(
            finding(
                "arrival.span-extra",
                format!("{of} / {name}"),
                format!("the trace store has {} spans of a trace that never reached the receiver", spans.len()),
            )
            .at(place)
            .wanted("only spans that the receiver beside it has as well")
            .found(format!("`{}` in trace {id}", first.name))
            .hint("a second exporter sends to the store directly, or the receiver lost the span"),
        );
    }
}
