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

/// A record's class of severity: 0 for trace, 1 debug, 2 info, 3 warn, 4 error, 5 fatal; `None` if it says none.
pub(super) fn severity(record: &LogRecord) -> Option<u8> {
    match u8::try_from(record.severity) {
        // OTLP has four numbers a class.
        Ok(number @ 1..=24) => Some((number - 1) / 4),
        _ => severity_class(&record.severity_text),
    }
}

/// The class of a severity by its name, in any case.
pub(super) fn severity_class(name: &str) -> Option<u8> {
    let classes = [
        &["trace"][..],
        &["debug"],
        &["info", "information"],
        &["warn", "warning"],
        &["error"],
        &["fatal", "critical"],
    ];
    let class = classes.iter().position(|names| names.iter().any(|known| known.eq_ignore_ascii_case(name)))?;
    u8::try_from(class).ok()
}
