//! A line of a service's standard output or error as a log record.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

use super::{LogRecord, LogVia, SpanId, Str, TraceId, Value};

/// Where loggers put the message: `tracing`, `slog` and zap, OTLP-like formats, structlog.
const MESSAGE: [&str; 4] = ["message", "msg", "body", "event"];
/// Where loggers put the level.
const LEVEL: [&str; 5] = ["level", "severity", "severity_text", "levelname", "lvl"];
/// Where loggers put the time.
const TIME: [&str; 4] = ["timestamp", "time", "ts", "@timestamp"];
/// Where loggers and agents put the trace id.
const TRACE_ID: [&str; 6] = ["trace_id", "traceId", "traceID", "trace.id", "otelTraceID", "dd.trace_id"];
/// Where loggers and agents put the span id.
const SPAN_ID: [&str; 6] = ["span_id", "spanId", "spanID", "span.id", "otelSpanID", "dd.span_id"];

/// Reads one line, without its line break, that was observed at `observed_time` (nanoseconds since the Unix epoch).
///
/// A JSON object becomes [`LogVia::StdoutJson`]: its message, level, time and ids are found under the names that common
/// loggers give them, also inside `fields` (whose other members become attributes too, as `tracing` means them) and
/// ids also inside `span`. Everything else in it becomes an attribute, and so does an id that is none. Any other line
/// is [`LogVia::StdoutText`].
#[must_use]
pub fn parse_line(line: &str, observed_time: u64) -> LogRecord {
    let Ok(Object(members)) = serde_json::from_str(line) else {
        return LogRecord { via: LogVia::StdoutText, observed_time, body: Value::from(line), ..LogRecord::default() };
    };
    let mut members = members.flatten_fields();
    let mut record = LogRecord { via: LogVia::StdoutJson, observed_time, ..LogRecord::default() };
    if let Some(body) = members.take(&MESSAGE, |json| Some(value(json))) {
        record.body = body;
    }
    if let Some((severity, text)) = members.take(&LEVEL, level) {
        record.severity = severity;
        record.severity_text = text;
    }
    if let Some(time) = members.take(&TIME, time) {
        record.time = time;
    }
    let trace_id = |json: &Json| TraceId::from_hex(json.as_str()?).filter(|id| !id.is_zero());
    let span_id = |json: &Json| SpanId::from_hex(json.as_str()?).filter(|id| !id.is_zero());
    record.trace_id = members.take(&TRACE_ID, trace_id).or_else(|| members.in_span(&TRACE_ID, trace_id));
    record.span_id = members.take(&SPAN_ID, span_id).or_else(|| members.in_span(&SPAN_ID, span_id));
    record.attributes = members.0.iter().map(|(key, json)| (Str::from(key.as_str()), value(json))).collect();
    record
}

/// A JSON object's members, in their order.
struct Members(Vec<(String, Json)>);

/// A JSON object; nothing else is a structured log line.
struct Object(Members);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ObjectVisitor;

        impl<'de> Visitor<'de> for ObjectVisitor {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(Members(members)))
            }
        }

        from.deserialize_map(ObjectVisitor)
    }
}

impl Members {
    /// Puts the members of `fields` in its place.
    fn flatten_fields(self) -> Self {
        let flat = self.0.into_iter().flat_map(|(key, json)| match json {
            Json::Object(inner) if key == "fields" => inner.into_iter().collect::<Vec<_>>(),
            json => vec![(key, json)],
        });
        Self(flat.collect())
    }

    /// Removes the first member with one of these names that `read` can make sense of.
    fn take<T>(&mut self, names: &[&str], read: impl Fn(&Json) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| {
            let position = self.0.iter().position(|(key, _)| key == name)?;
            let found = read(&self.0[position].1)?;
            self.0.remove(position);
            Some(found)
        })
    }

    /// Looks inside `span`, and leaves it as it is: it is the span's context, not the record's.
    fn in_span<T>(&self, names: &[&str], read: impl Fn(&Json) -> Option<T>) -> Option<T> {
        let (_, span) = self.0.iter().find(|(key, _)| key == "span")?;
        names.iter().find_map(|name| read(span.get(name)?))
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Empty,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::Int(whole),
            None => Value::Double(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(members) => {
            Value::Map(members.iter().map(|(key, json)| (Arc::from(key.as_str()), value(json))).collect())
        }
    }
}

/// OTLP's severity number of a level, and the level as spelt. A level nobody knows keeps its spelling.
fn level(json: &Json) -> Option<(i32, Str)> {
    if let Some(number) = json.as_i64() {
        // bunyan and pino count in tens.
        let severity = match number {
            ..=10 => 1,
            11..=20 => 5,
            21..=30 => 9,
            31..=40 => 13,
            41..=50 => 17,
            51.. => 21,
        };
        return Some((severity, number.to_string().into()));
    }
    let text = json.as_str()?;
    let severity = match text.to_ascii_lowercase().as_str() {
        "trace" => 1,
        "debug" => 5,
        "info" | "information" => 9,
        "notice" => 10,
        "warn" | "warning" => 13,
        "error" | "err" => 17,
        "critical" | "crit" | "alert" | "emergency" | "fatal" | "panic" => 21,
        _ => 0,
    };
    Some((severity, text.into()))
}

/// A time in nanoseconds since the Unix epoch: RFC 3339, or a number of the unit that its size suggests.
fn time(json: &Json) -> Option<u64> {
    if let Some(text) = json.as_str() {
        let time: jiff::Timestamp = text.parse().ok()?;
        return u64::try_from(time.as_nanosecond()).ok();
    }
    if let Some(whole) = json.as_u64() {
        // 10^11 seconds are in the year 5138, 10^11 milliseconds in 1973: the ranges of real times do not overlap.
        let unit = match whole {
            0..100_000_000_000 => 1_000_000_000,
            100_000_000_000..100_000_000_000_000 => 1_000_000,
            100_000_000_000_000..100_000_000_000_000_000 => 1_000,
            _ => 1,
        };
        return whole.checked_mul(unit);
    }
    // zap writes seconds with a fraction.
    let seconds = json.as_f64().filter(|seconds| (0.0..1e10).contains(seconds))?;
    let nanos = std::time::Duration::try_from_secs_f64(seconds).ok()?.as_nanos();
    u64::try_from(nanos).ok()
}
