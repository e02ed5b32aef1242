//! Log records in findings.

use std::borrow::Cow;

use super::text;
use crate::capture::{LogRecord, LogVia, Value};
use crate::finding::Place;

/// `otlp log / cache unavailable`: the channel and the message without what differs from run to run.
pub(super) fn subject(record: &LogRecord) -> String {
    let channel = match record.via {
        LogVia::Otlp => "otlp log",
        LogVia::StdoutJson | LogVia::StdoutText => "stdout log",
    };
    format!("{channel} / {}", text::stable(&message(record)))
}

/// Where the log record at `position` of the capture is; `part` names what of it, and may be empty.
pub(super) fn place(position: usize, record: &LogRecord, part: &str) -> Place {
    let dot = if part.is_empty() { "" } else { " · " };
    Place {
        trace_id: record.trace_id.map(|id| id.to_string()),
        span_id: record.span_id.map(|id| id.to_string()),
        path: format!("log {position}{dot}{part}"),
        ..Place::default()
    }
}

/// A record's message as text.
pub(super) fn message(record: &LogRecord) -> Cow<'_, str> {
    match &record.body {
        Value::Str(text) => Cow::Borrowed(text),
        Value::Empty => Cow::Borrowed(&record.event_name),
        other => Cow::Owned(other.to_string()),
    }
}
