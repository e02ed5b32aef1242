//! Events of [`tracing`] as log records.

use std::{
    error::Error,
    fmt::{Debug, Write as _},
    time::SystemTime,
};

use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    logs::{AnyValue, Severity},
    trace::{SpanContext, TraceContextExt as _},
};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::Layer;

use crate::{
    encode::{log, span::nanos},
    logs::LogExporter,
};

/// Looks at the ids of the span that is current, if there is one.
pub type LookAtSpan = fn(&mut dyn FnMut(&SpanContext));

/// A layer for [`tracing_subscriber`] that writes each event as a log record, in the form of
/// `opentelemetry-appender-tracing`: the target as the name of the scope, `message` as the body, fields as attributes.
///
/// Events of what exports must be filtered out, as with any such layer: each export would make the next one.
#[derive(Debug)]
pub struct EventLayer {
    exporter: LogExporter,
    span: LookAtSpan,
}

/// An event, kept until it is written.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) metadata: &'static Metadata<'static>,
    /// In nanoseconds since 1970.
    time: u64,
    span: Option<(TraceId, SpanId, TraceFlags)>,
    fields: Fields,
}

impl LogExporter {
    /// Takes an event as a [layer](Self::layer) does, in the span that `span` shows: for a layer that does something else with
    /// each event as well, where a second one would be asked again whether it wants it. Nothing, while telemetry is suppressed in
    /// the API's context.
    pub fn record_event(&self, event: &Event<'_>, span: LookAtSpan) {
        if Context::is_current_telemetry_suppressed() {
            return;
        }
        let mut ids = None;
        span(&mut |span| ids = Some((span.trace_id(), span.span_id(), span.trace_flags())));
        let mut fields = Fields(Vec::with_capacity(4));
        event.record(&mut fields);
        self.seen(Seen { metadata: event.metadata(), time: nanos(SystemTime::now()), span: ids, fields });
    }

    /// A layer whose events are exported. They belong to the span that is current in the API's context.
    #[must_use]
    pub fn layer(&self) -> EventLayer {
        let of_the_api: LookAtSpan = |look| {
            Context::map_current(|context| {
                if context.has_active_span() {
                    look(context.span().span_context());
                }
            });
        };
        EventLayer { exporter: self.clone(), span: of_the_api }
    }
}

impl EventLayer {
    /// For spans that are current elsewhere than in the API's context.
    #[must_use]
    pub fn with_current_span(mut self, span: LookAtSpan) -> Self {
        self.span = span;
        self
    }
}

impl<S: Subscriber> Layer<S> for EventLayer {
    fn on_event(&self, event: &Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        self.exporter.record_event(event, self.span);
    }
}

impl Seen {
    /// The bytes of all its texts.
    pub(crate) fn text_length(&self) -> usize {
        let length = |(_, value): &(_, Value)| match value {
            Value::Text(text) | Value::Error(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        };
        self.fields.0.iter().map(length).sum()
    }

    /// Appends the record.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let level = self.metadata.level();
        log::head(out, self.time, severity(*level), level.as_str());
        for (name, value) in &self.fields.0 {
            match value {
                Value::Bool(value) => log::attribute(out, name, value),
                Value::Int(value) => log::attribute(out, name, value),
                Value::Double(value) => log::attribute(out, name, value),
                Value::Text(text) if *name == "message" => log::text_body(out, text),
                Value::Text(text) => log::attribute(out, name, text.as_str()),
                Value::Bytes(bytes) => log::attribute(out, name, &AnyValue::from(&bytes[..])),
                Value::Error(text) => log::attribute(out, "exception.message", text.as_str()),
            }
        }
        if let Some((trace_id, span_id, flags)) = self.span {
            log::trace_context(out, trace_id, span_id, Some(flags));
        }
        log::event_name(out, self.metadata.name());
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::TRACE => Severity::Trace,
        Level::DEBUG => Severity::Debug,
        Level::INFO => Severity::Info,
        Level::WARN => Severity::Warn,
        Level::ERROR => Severity::Error,
    }
}

/// The fields of an event, by name. Short functions, which run in the middle of a request; what is done with the fields is
/// done later.
#[derive(Debug)]
struct Fields(Vec<(&'static str, Value)>);

#[derive(Debug)]
enum Value {
    Bool(bool),
    Int(i64),
    Double(f64),
    /// As it is, or as it is printed.
    Text(String),
    Bytes(Vec<u8>),
    Error(String),
}

impl Fields {
    #[inline(never)]
    fn add(&mut self, field: &Field, value: Value) {
        self.0.push((field.name(), value));
    }

    #[cold]
    fn whole(&mut self, field: &Field, number: Option<i64>, value: &dyn Debug) {
        match number {
            Some(number) => self.add(field, Value::Int(number)),
            // OTLP's are of 64 bits, with a sign.
            None => self.record_debug(field, value),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Writing to a string fails only if the value says so; what it has written is kept.
        let _ = write!(text, "{value:?}");
        self.add(field, Value::Text(text));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::Text(value.to_owned()));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.add(field, Value::Error(value.to_string()));
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        self.add(field, Value::Bytes(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Bool(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::Double(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match i64::try_from(value) {
            Ok(number) => self.add(field, Value::Int(number)),
            Err(_) => self.whole(field, None, &value),
        }
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.whole(field, i64::try_from(value).ok(), &value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.whole(field, i64::try_from(value).ok(), &value);
    }
}
