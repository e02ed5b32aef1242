//! Log records.

use otelgate_harness::capture::{Capture, LogRecord, LogVia, TraceId, Value};

use super::{STRANGE_TRACE, STRANGER, log, planted, trace_of};

/// Both copies, one a channel, of the records of the message in the trace.
fn both<'c>(capture: &'c mut Capture, trace: TraceId, message: &'c str) -> impl Iterator<Item = &'c mut LogRecord> {
    capture
        .logs
        .iter_mut()
        .filter(move |record| record.trace_id == Some(trace) && record.body.as_str() == Some(message))
}

#[test]
fn a_record_has_no_trace_id() {
    planted(|capture| {
        let trace = trace_of(capture, "query without hits");
        for record in both(capture, trace, "answered a query") {
            (record.trace_id, record.span_id) = (None, None);
        }
    })
    .first("log.no-trace-context", "otlp log / answered a query")
    .and(&[("log.no-trace-context", "stdout log / answered a query")]);
}

#[test]
fn a_record_names_an_unknown_trace() {
    planted(|capture| {
        let trace = trace_of(capture, "query without hits");
        for record in both(capture, trace, "answered a query") {
            (record.trace_id, record.span_id) = (Some(STRANGE_TRACE), Some(STRANGER));
        }
    })
    .first("log.trace-unknown", "otlp log / answered a query")
    .and(&[("log.trace-unknown", "stdout log / answered a query")]);
}

#[test]
fn a_record_names_a_span_that_is_not_there() {
    planted(|capture| {
        let trace = trace_of(capture, "cold query");
        for record in both(capture, trace, "answered a query") {
            record.span_id = Some(STRANGER);
        }
    })
    .first("log.trace-unknown", "otlp log / answered a query")
    .and(&[("log.trace-unknown", "stdout log / answered a query")]);
}

#[test]
fn a_line_of_standard_output_is_not_json() {
    planted(|capture| {
        capture.logs.push(LogRecord {
            via: LogVia::StdoutText,
            body: Value::from("connected"),
            ..LogRecord::default()
        });
    })
    .first("log.not-json", "stdout log / connected")
    .and(&[("relation.broken", "log records of both channels")]);
}

#[test]
fn a_record_reached_one_channel_only() {
    planted(|capture| {
        let trace = trace_of(capture, "ingest the corpus");
        capture.logs.retain(|record| record.via != LogVia::Otlp || record.trace_id != Some(trace));
    })
    .first("log.one-channel", "stdout log / ingested documents")
    .and(&[("relation.broken", "log records of both channels")]);
}

#[test]
fn a_record_that_the_contract_expects_was_not_written() {
    planted(|capture| {
        let trace = trace_of(capture, "embedding 500");
        capture.logs.retain(|record| record.trace_id != Some(trace));
    })
    .first("log.missing", "embedding 500 / otlp / a request failed at stage embedding: *")
    .of_scenario("embedding 500")
    .and(&[("log.missing", "embedding 500 / stdout / a request failed at stage embedding: *")]);
}

#[test]
fn a_failure_is_logged_as_information() {
    planted(|capture| {
        let trace = trace_of(capture, "model 500");
        for record in capture.logs.iter_mut().filter(|record| record.trace_id == Some(trace)) {
            record.severity = 9;
        }
    })
    .first("log.missing", "model 500 / otlp / a request failed at stage llm: *")
    .and(&[("log.missing", "model 500 / stdout / a request failed at stage llm: *")]);
}

#[test]
fn a_panic_went_to_standard_output() {
    planted(|capture| {
        let record = log(capture, |record| record.via == LogVia::StdoutJson && record.trace_id.is_some());
        record.body = Value::from("thread 'main' panicked at src/main.rs:1:1");
    })
    .first("never.appeared", "stdout log / thread 'main' panicked at # / body")
    .and(&[
        ("log.one-channel", "otlp log / ingested documents"),
        ("log.one-channel", "stdout log / thread 'main' panicked at #"),
    ]);
}
