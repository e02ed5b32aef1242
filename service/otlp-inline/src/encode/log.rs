//! A log record: OTLP's `LogRecord`.

use opentelemetry::logs::Severity;
use opentelemetry_sdk::logs::SdkLogRecord;

use super::{attribute, span::nanos, wire};

/// Fields of `LogRecord`.
mod field {
    pub(super) const TIME: u32 = 1;
    pub(super) const SEVERITY: u32 = 2;
    pub(super) const SEVERITY_TEXT: u32 = 3;
    pub(super) const BODY: u32 = 5;
    pub(super) const ATTRIBUTES: u32 = 6;
    pub(super) const FLAGS: u32 = 8;
    pub(super) const TRACE_ID: u32 = 9;
    pub(super) const SPAN_ID: u32 = 10;
    pub(super) const OBSERVED_TIME: u32 = 11;
    pub(super) const EVENT_NAME: u32 = 12;
}

/// The whole record, without a head.
pub(crate) fn record(out: &mut Vec<u8>, record: &SdkLogRecord) {
    if let Some(time) = record.timestamp() {
        wire::fixed64(out, field::TIME, nanos(time));
    }
    if let Some(time) = record.observed_timestamp() {
        wire::fixed64(out, field::OBSERVED_TIME, nanos(time));
    }
    if let Some(severity) = record.severity_number() {
        wire::number(out, field::SEVERITY, number(severity));
    }
    wire::text(out, field::SEVERITY_TEXT, record.severity_text().unwrap_or_default());
    if let Some(body) = record.body() {
        attribute::body(out, field::BODY, body);
    }
    for (key, value) in record.attributes_iter() {
        attribute::log_attribute(out, field::ATTRIBUTES, key.as_str(), value);
    }
    if let Some(context) = record.trace_context() {
        let flags = context.trace_flags.map_or(0, |flags| u32::from(flags.to_u8()));
        if flags != 0 {
            wire::fixed32(out, field::FLAGS, flags);
        }
        wire::bytes(out, field::TRACE_ID, &context.trace_id.to_bytes());
        wire::bytes(out, field::SPAN_ID, &context.span_id.to_bytes());
    }
    wire::text(out, field::EVENT_NAME, record.event_name().unwrap_or_default());
}

/// The API's numbers are those of OTLP: 1 for the finest of `Trace`, 24 for the last of `Fatal`.
fn number(severity: Severity) -> u64 {
    severity as u64
}
