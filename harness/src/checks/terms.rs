//! The numbers that relations are about.

use std::time::Duration;

use rustc_hash::FxHashMap;

use super::propagation::Context;
use super::{Index, record, series, text};
use crate::capture::{Exchange, LogRecord, LogVia, Memo, Party, Span, TraceContext, Value};
use crate::contract::{Calls, LogChannel, Logs, NamePattern, Range, Relation, Requests, Spans, Term};

/// Computes terms. Spans are read once for all terms of all relations: there may be millions.
pub(super) struct Terms<'i, 'c> {
    index: &'i Index<'c>,
    spans: FxHashMap<*const Spans, f64>,
}

impl<'i, 'c> Terms<'i, 'c> {
    pub(super) fn new(index: &'i Index<'c>, relations: &[Relation]) -> Self {
        let mut selectors = Vec::new();
        for relation in relations {
            relation.equal.iter().for_each(|term| collect(term, &mut selectors));
        }
        let mut values = vec![0.0; selectors.len()];
        for (selectors, values) in selectors.chunks(AT_ONCE).zip(values.chunks_mut(AT_ONCE)) {
            add_up(&index.capture.spans, selectors, values);
        }
        Self { index, spans: selectors.into_iter().map(std::ptr::from_ref).zip(values).collect() }
    }

    /// The term's number.
    pub(super) fn value(&mut self, term: &Term) -> f64 {
        let less: f64 = term.minus.iter().map(|term| self.value(term)).sum();
        self.gross(term) - less
    }

    fn gross(&mut self, term: &Term) -> f64 {
        let capture = self.index.capture;
        if let Some(of) = &term.requests {
            let requests = self.index.requests().filter(|exchange| is_request(of, exchange));
            return total(requests, of.fact.as_deref());
        }
        if let Some(of) = &term.calls {
            return total(capture.exchanges.iter().filter(|exchange| is_call(of, exchange)), of.fact.as_deref());
        }
        if let Some(of) = &term.spans {
            return self.spans.get(&std::ptr::from_ref(of)).copied().unwrap_or(0.0);
        }
        if let Some(of) = &term.logs {
            return count(capture.logs.iter().filter(|record| is_log(of, record)));
        }
        if let Some(name) = &term.metric {
            let field = term.field.unwrap_or_default();
            return series::growth(capture, name, &term.labels, field).unwrap_or(0.0);
        }
        if let Some(terms) = &term.sum {
            return terms.iter().map(|term| self.value(term)).sum();
        }
        term.number.unwrap_or(0.0)
    }
}

/// As many selectors as a set of bits holds.
const AT_ONCE: usize = 64;

/// Adds what each selector counts to its value. Most selectors name a span, so that one look at a name, which is shared
/// by thousands of spans, leaves few of them to be tried.
fn add_up(spans: &[Span], selectors: &[&Spans], values: &mut [f64]) {
    let mut by_name: Memo<u64> = Memo::new();
    for span in spans {
        let mut candidates = by_name.get_or(&span.name, |name| {
            let may = |of: &Spans| of.name.as_ref().and_then(NamePattern::literal).is_none_or(|wanted| wanted == name);
            selectors.iter().enumerate().filter(|(_, of)| may(of)).fold(0, |set, (at, _)| set | 1 << at)
        });
        while candidates != 0 {
            let at = candidates.trailing_zeros() as usize;
            candidates &= candidates - 1;
            let of = selectors[at];
            if selects(of, span) {
                values[at] += match &of.add {
                    _ if of.add_seconds => seconds(span),
                    Some(key) => span.attributes.get(key).and_then(Value::as_f64).unwrap_or(0.0),
                    None => 1.0,
                };
            }
        }
    }
}

/// How long a span took, in seconds.
fn seconds(span: &Span) -> f64 {
    Duration::from_nanos(span.end.saturating_sub(span.start)).as_secs_f64()
}

fn collect<'t>(term: &'t Term, selectors: &mut Vec<&'t Spans>) {
    selectors.extend(&term.spans);
    term.minus.iter().chain(term.sum.iter().flatten()).for_each(|term| collect(term, selectors));
}

/// The names of all metrics in a term.
pub(super) fn metrics_of(term: &Term) -> Vec<&str> {
    let inner = term.minus.iter().chain(term.sum.iter().flatten()).flat_map(metrics_of);
    term.metric.as_deref().into_iter().chain(inner).collect()
}

fn total<'e>(exchanges: impl Iterator<Item = &'e Exchange>, fact: Option<&str>) -> f64 {
    match fact {
        Some(fact) => exchanges.filter_map(|exchange| exchange.facts.get(fact)).sum(),
        None => count(exchanges),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^53")]
fn count(items: impl Iterator) -> f64 {
    items.count() as f64
}

fn is_request(of: &Requests, exchange: &Exchange) -> bool {
    of.method.as_ref().is_none_or(|method| *method == exchange.method)
        && has_path(of.path.as_deref(), exchange)
        && has_status(of.status, exchange)
        && of.scenario.as_ref().is_none_or(|scenario| *scenario == exchange.scenario)
        && of.sampled.is_none_or(|sampled| sampled != matches!(exchange.trace, Some(TraceContext::Unsampled { .. })))
        && of.tags.iter().all(|(tag, value)| exchange.tags.get(tag) == Some(value))
}

fn is_call(of: &Calls, exchange: &Exchange) -> bool {
    exchange.by == of.to
        && exchange.by != Party::Driver
        && of.method.as_ref().is_none_or(|method| text::matches(method, &exchange.method))
        && has_path(of.path.as_deref(), exchange)
        && has_status(of.status, exchange)
        && of.sampled.is_none_or(|sampled| sampled != says_unsampled(exchange))
}

fn says_unsampled(call: &Exchange) -> bool {
    call.request_headers.get("traceparent").and_then(|header| Context::parse(header)).is_some_and(|it| !it.sampled)
}

fn has_path(pattern: Option<&str>, exchange: &Exchange) -> bool {
    let path = exchange.path.split('?').next().unwrap_or_default();
    pattern.is_none_or(|pattern| text::matches(pattern, path))
}

fn has_status(wanted: Option<Range>, exchange: &Exchange) -> bool {
    wanted.is_none_or(|wanted| exchange.status.is_some_and(|status| wanted.contains(u64::from(status))))
}

fn selects(of: &Spans, span: &Span) -> bool {
    of.name.as_ref().is_none_or(|name| name.matches(&span.name, &span.attributes))
        && of.kind.is_none_or(|kind| kind.name() == span.kind.name())
        && of.status.is_none_or(|status| status.name() == span.status.code.name())
        && of.attributes.iter().all(|(key, expect)| expect.mismatch(span.attributes.get(key)).is_none())
}

fn is_log(of: &Logs, log: &LogRecord) -> bool {
    of.via.is_none_or(|via| is_via(via, log.via))
        && of.message.as_ref().is_none_or(|pattern| text::matches(pattern, &record::message(log)))
        && of.attributes.iter().all(|(key, expect)| expect.mismatch(log.attributes.get(key)).is_none())
}

/// Whether a record came over the channel.
pub(super) fn is_via(wanted: LogChannel, via: LogVia) -> bool {
    match wanted {
        LogChannel::Otlp => via == LogVia::Otlp,
        LogChannel::Stdout => matches!(via, LogVia::StdoutJson | LogVia::StdoutText),
    }
}
