//! Events of [`tracing`] as log records.

use std::{
    error::Error,
    fmt::{Debug, Write as _},
    time::SystemTime,
};

use opentelemetry::{
    Context, InstrumentationScope,
    logs::{AnyValue, Severity},
    trace::{SpanContext, TraceContextExt as _},
};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::Layer;

use crate::{
    encode::{log, span::nanos},
    logs::LogExporter,
    scratch::with_buffer,
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
    /// Without a name: that is the target's.
    scope: InstrumentationScope,
}

impl LogExporter {
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
        EventLayer { exporter: self.clone(), span: of_the_api, scope: InstrumentationScope::default() }
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
        if Context::is_current_telemetry_suppressed() {
            return;
        }
        self.exporter.created();
        let metadata = event.metadata();
        with_buffer(|bytes| {
            let level = metadata.level();
            log::head(bytes, nanos(SystemTime::now()), severity(*level), level.as_str());
            event.record(&mut Fields(bytes));
            (self.span)(&mut |ids| {
                log::trace_context(bytes, ids.trace_id(), ids.span_id(), Some(ids.trace_flags()));
            });
            log::event_name(bytes, metadata.name());
            self.exporter.write(&self.scope, Some(&metadata.target().into()), bytes);
        });
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

/// The fields of an event, appended to its record.
struct Fields<'a>(&'a mut Vec<u8>);

impl Fields<'_> {
    /// Text as it is, or as it is printed.
    fn text(&mut self, field: &Field, text: &str) {
        if field.name() == "message" {
            log::text_body(self.0, text);
        } else {
            log::attribute(self.0, field.name(), text);
        }
    }

    fn whole(&mut self, field: &Field, number: Option<i64>, value: &dyn Debug) {
        match number {
            Some(number) => log::attribute(self.0, field.name(), &number),
            // OTLP's are of 64 bits, with a sign.
            None => self.record_debug(field, value),
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        // Writing to a string fails only if the value says so; what it has written is kept.
        let _ = write!(text, "{value:?}");
        self.text(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, _: &Field, value: &(dyn Error + 'static)) {
        log::attribute(self.0, "exception.message", value.to_string().as_str());
    }

    fn record_bytes(&mut self, field: &Field, value: &[u8]) {
        log::attribute(self.0, field.name(), &AnyValue::from(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        log::attribute(self.0, field.name(), &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        log::attribute(self.0, field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        log::attribute(self.0, field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.whole(field, i64::try_from(value).ok(), &value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.whole(field, i64::try_from(value).ok(), &value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.whole(field, i64::try_from(value).ok(), &value);
    }
}
