//! A log record: OTLP's `LogRecord`.

use opentelemetry::{SpanId, TraceFlags, TraceId, logs::Severity};
use opentelemetry_sdk::logs::SdkLogRecord;

use super::{
    attribute::{self, Encode},
    span::nanos,
    wire,
};

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
        attribute(out, key.as_str(), value);
    }
    if let Some(context) = record.trace_context() {
        trace_context(out, context.trace_id, context.span_id, context.trace_flags);
    }
    event_name(out, record.event_name().unwrap_or_default());
}

/// What an event of a logging library says before its fields: when it was seen, in nanoseconds since 1970, and how bad it
/// is.
pub(crate) fn head(out: &mut Vec<u8>, observed: u64, severity: Severity, text: &str) {
    wire::fixed64(out, field::OBSERVED_TIME, observed);
    wire::number(out, field::SEVERITY, number(severity));
    wire::text(out, field::SEVERITY_TEXT, text);
}

/// The body, if it is text. Of several, a reader takes the last.
pub(crate) fn text_body(out: &mut Vec<u8>, text: &str) {
    attribute::body(out, field::BODY, text);
}

/// An attribute.
pub(crate) fn attribute<V: Encode + ?Sized>(out: &mut Vec<u8>, key: &str, value: &V) {
    attribute::write_pair(out, field::ATTRIBUTES, key, value);
}

/// The span that the record belongs to.
pub(crate) fn trace_context(out: &mut Vec<u8>, trace_id: TraceId, span_id: SpanId, flags: Option<TraceFlags>) {
    let flags = flags.map_or(0, |flags| u32::from(flags.to_u8()));
    if flags != 0 {
        wire::fixed32(out, field::FLAGS, flags);
    }
    wire::bytes(out, field::TRACE_ID, &trace_id.to_bytes());
    wire::bytes(out, field::SPAN_ID, &span_id.to_bytes());
}

/// What kind of event it is.
pub(crate) fn event_name(out: &mut Vec<u8>, name: &str) {
    wire::text(out, field::EVENT_NAME, name);
}

/// The API's numbers are those of OTLP: 1 for the finest of `Trace`, 24 for the last of `Fatal`.
fn number(severity: Severity) -> u64 {
    severity as u64
}
