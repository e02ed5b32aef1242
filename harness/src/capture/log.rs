//! A log record, from OTLP or from a line of the service's standard output.

use std::sync::Arc;

use super::{Attributes, Origin, SpanId, Str, TraceId, Value};

/// One log record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRecord {
    /// How it reached the capture.
    pub via: LogVia,
    /// When it happened, in nanoseconds since the Unix epoch; 0 if not said.
    pub time: u64,
    /// When the collector side observed it, in nanoseconds since the Unix epoch; 0 if not said.
    pub observed_time: u64,
    /// OTLP severity number, 1 (trace) to 24 (fatal); 0 if not said.
    pub severity: i32,
    /// The severity as the source spelt it.
    pub severity_text: Str,
    /// The message or structured body.
    pub body: Value,
    /// Its fields.
    pub attributes: Attributes,
    /// Attributes the SDK dropped for its limits.
    pub dropped_attributes: u32,
    /// W3C trace flags in the low byte.
    pub flags: u32,
    /// The trace it was written in.
    pub trace_id: Option<TraceId>,
    /// The span it was written in.
    pub span_id: Option<SpanId>,
    /// Name of the event type; empty if it is a plain log.
    pub event_name: Str,
    /// Resource and scope; empty for standard output.
    pub origin: Arc<Origin>,
}

/// How a log record reached the capture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LogVia {
    /// An OTLP logs request.
    #[default]
    Otlp,
    /// A line of the service's standard output that is a JSON object.
    StdoutJson,
    /// A line of the service's standard output or error that is not a JSON object; the whole line is the body.
    StdoutText,
}
