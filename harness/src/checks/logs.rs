//! Whether logs say what they must, and lead to their trace.

use std::fmt::Write as _;

use rustc_hash::FxHashMap;

use super::trace_presence::not_continued_traces;
use super::{Check, Index, index::sent_ids, log_channels, record, subject, terms, text};
use crate::capture::{Exchange, LogRecord, LogVia, TraceContext, TraceId};
use crate::contract::{Contract, LogChannel, LogContract, LogRule, Range};
use crate::finding::{Finding, Place, Signal};

pub(super) const CHECK: Check = Check {
    name: "logs",
    about: "logs are structured, correlated, and say what they must",
    unit: "records",
    wanted: |_, contract| contract.logs != LogContract::default(),
    run,
};

fn run(index: &Index<'_>, contract: &Contract, findings: &mut Vec<Finding>) -> u64 {
    if contract.logs == LogContract::default() {
        return 0;
    }
    let rules = &contract.logs;
    let records = &index.capture.logs;
    let requests = by_trace(index, contract);
    for (position, log) in records.iter().enumerate() {
        if rules.stdout_json && log.via == LogVia::StdoutText {
            findings.push(not_json(position, log));
        }
        if rules.correlated && !is_outside_requests(rules, log) {
            findings.extend(uncorrelated(index, &requests, position, log));
        }
    }
    for rule in &rules.expect {
        expected(index, &requests, rule, findings);
    }
    if rules.both_channels {
        log_channels::compare(records, findings);
    }
    records.len() as u64
}

/// Requests of the driver by the trace they belong to, also where the service began one of its own for them.
fn by_trace<'i>(index: &'i Index<'_>, contract: &Contract) -> FxHashMap<TraceId, &'i Exchange> {
    let sent = index.requests().filter_map(|exchange| Some((sent_ids(exchange)?.0, exchange)));
    let began = index.traces().filter_map(|trace| Some((trace.id(), trace.exchange()?)));
    sent.chain(began).chain(not_continued_traces(index, contract)).collect()
}

fn is_outside_requests(rules: &LogContract, log: &LogRecord) -> bool {
    // A line that is no record has no fields to carry a trace in.
    log.via == LogVia::StdoutText
        || rules.uncorrelated.iter().any(|pattern| text::matches(pattern, &record::message(log)))
}

fn not_json(position: usize, log: &LogRecord) -> Finding {
    Finding::violation(
        "log.not-json",
        Signal::Log,
        record::subject(log),
        "a line of standard output is not a JSON object",
    )
    .at(record::place(position, log, ""))
    .wanted("a JSON object")
    .found(text::quoted(&record::message(log)).into_owned())
    .hint("route panics, prints and the output of libraries through the logger")
}

fn uncorrelated(
    index: &Index<'_>,
    requests: &FxHashMap<TraceId, &Exchange>,
    position: usize,
    log: &LogRecord,
) -> Option<Finding> {
    let finding = |id, message: &str| {
        Finding::violation(id, Signal::Log, record::subject(log), message).at(record::place(position, log, ""))
    };
    let (Some(trace_id), Some(span_id)) = (log.trace_id, log.span_id) else {
        let lacks = if log.trace_id.is_some() { "span id" } else { "trace id" };
        return Some(
            finding("log.no-trace-context", "a record does not say in which span it was written")
                .wanted("a trace id and a span id")
                .found(format!("no {lacks} on {:?}", text::quoted(&record::message(log))))
                .hint("log inside the span's context, or name the message under `uncorrelated`"),
        );
    };
    let problem = match index.trace(trace_id) {
        Some(trace) if trace.spans().any(|span| span.span_id == span_id) => return None,
        Some(_) => format!("trace {trace_id} has no span {span_id}"),
        None => {
            let exchange = requests.get(&trace_id);
            if exchange.is_some_and(|exchange| matches!(exchange.trace, Some(TraceContext::Unsampled { .. }))) {
                return None;
            }
            format!("no span of trace {trace_id} was exported")
        }
    };
    Some(
        finding("log.trace-unknown", "a record leads to a span that is not there")
            .wanted("the span in which it was written")
            .found(format!("{problem}, on {:?}", text::quoted(&record::message(log))))
            .hint("take both ids from the current span's context, and export the spans that are logged in"),
    )
}

fn expected(index: &Index<'_>, requests: &FxHashMap<TraceId, &Exchange>, rule: &LogRule, findings: &mut Vec<Finding>) {
    let channels = match rule.via {
        Some(channel) => vec![channel],
        None => vec![LogChannel::Otlp, LogChannel::Stdout],
    };
    let wanted = rule.count.unwrap_or(Range { min: 1, max: None });
    for channel in channels {
        let on_channel = || index.capture.logs.iter().filter(|log| terms::is_via(channel, log.via));
        let count = on_channel().filter(|log| is_expected(index, requests, rule, log)).count() as u64;
        if wanted.contains(count) {
            continue;
        }
        let name = log_channels::name(channel);
        let messages: Vec<_> = on_channel().map(record::message).collect();
        let found = if count == 0 {
            text::nothing_but(&rule.message, messages.iter().map(|message| &**message))
        } else {
            format!("{count} of them")
        };
        let place = Place { scenario: rule.scenario.clone(), path: rule.message.clone(), ..Place::default() };
        let scenario = rule.scenario.as_ref().map(|scenario| format!("{scenario} / ")).unwrap_or_default();
        findings.push(
            Finding::violation(
                "log.missing",
                Signal::Log,
                format!("{scenario}{name} / {}", rule.message),
                format!("the record {:?} is not there as often as the contract says", rule.message),
            )
            .at(place)
            .wanted(describe(rule, wanted, name))
            .found(found)
            .hint("log it where the thing happens, once, with its fields"),
        );
    }
}

fn describe(rule: &LogRule, wanted: Range, channel: &str) -> String {
    let mut text = format!("{wanted} on {channel}");
    // Writing to a string cannot fail.
    if let Some(severity) = &rule.severity {
        let _ = write!(text, ", at least {severity}");
    }
    for (key, expect) in &rule.attributes {
        let _ = write!(text, ", with {key}: {expect}");
    }
    text
}

fn is_expected(index: &Index<'_>, requests: &FxHashMap<TraceId, &Exchange>, rule: &LogRule, log: &LogRecord) -> bool {
    let in_scenario = |scenario: &String| {
        let exchange = log.trace_id.and_then(|id| requests.get(&id));
        exchange
            .is_some_and(|exchange| exchange.scenario == *scenario || subject::request(index, exchange) == *scenario)
    };
    text::matches(&rule.message, &record::message(log))
        && rule.severity.as_deref().is_none_or(|lowest| record::severity(log) >= record::severity_class(lowest))
        && rule.scenario.as_ref().is_none_or(in_scenario)
        && rule.attributes.iter().all(|(key, expect)| expect.mismatch(log.attributes.get(key)).is_none())
}
