//! Logs: one JSON object a line on stdout, and the same events by OTLP.

use std::fmt;

use opentelemetry::trace::SpanContext;
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use otlp_inline::LogExporter;
use serde::{Serialize, Serializer as _, ser::SerializeMap};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    subscriber::SetGlobalDefaultError,
};
use tracing_subscriber::{
    Layer, Registry,
    filter::{Targets, filter_fn},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    layer::SubscriberExt as _,
    registry::LookupSpan,
};

use super::{Providers, current, propagation::hex, setup::Loggers};

/// Libraries whose events are kept off every output: this one logs whole answers of the model server.
const SILENCED: [&str; 1] = ["async_openai"];

/// What the exporter itself is made of. Their events must not be exported: each export would make the next one.
const EXPORTER: [&str; 8] = ["opentelemetry", "hyper", "h2", "tonic", "tower", "reqwest", "rustls", "want"];

/// Makes this process' logs go to stdout and, if telemetry is on, to the collector.
///
/// # Errors
/// If logs were installed before.
pub fn install(filter: &str, providers: &Providers) -> Result<(), SetGlobalDefaultError> {
    let (targets, bad_filter) = match filter.parse::<Targets>() {
        Ok(targets) => (targets, false),
        Err(_) => (Targets::new().with_default(LevelFilter::INFO), true),
    };
    let targets = SILENCED.iter().fold(targets, |targets, target| targets.with_target(*target, LevelFilter::OFF));

    let (exporter, otlp) = match providers.loggers() {
        None => (None, None),
        Some(Loggers::Inline(exporter)) => (Some(exporter.clone()), None),
        Some(Loggers::Sdk(provider)) => {
            let bridge = OpenTelemetryTracingBridge::new(provider).with_filter(filter_fn(is_not_of_exporter));
            (None, Some(bridge.with_filter(targets.clone())))
        }
    };
    let stdout = tracing_subscriber::fmt::layer()
        .event_format(JsonLines { exporter })
        .with_writer(std::io::stdout)
        .with_filter(filter_fn(is_not_repeated_by_exporter))
        .with_filter(targets);
    tracing::subscriber::set_global_default(Registry::default().with(stdout).with(otlp))?;

    if bad_filter {
        tracing::warn!("RUST_LOG cannot be read, using `info`; write it as `info,target=debug`");
    }
    if let Some(problem) = providers.problem() {
        tracing::warn!("{problem}");
    }
    if !providers.telemetry().is_enabled() {
        tracing::info!("OpenTelemetry disabled");
    }
    Ok(())
}

/// The span that is current, for events.
fn look_at_current(look: &mut dyn FnMut(&SpanContext)) {
    let ids = current::ids();
    if ids.is_valid() {
        look(&ids.to_api(None));
    }
}

/// The OTLP exporter warns at each failed batch; ours tells it once. Its words on partly refused batches are kept.
fn is_not_repeated_by_exporter(metadata: &Metadata<'_>) -> bool {
    metadata.target() != "opentelemetry-otlp" || metadata.name().ends_with("PartialSuccess")
}

fn is_not_of_exporter(metadata: &Metadata<'_>) -> bool {
    !EXPORTER.iter().any(|target| metadata.target().starts_with(target))
}

/// `{"timestamp":…,"level":…,"target":…,"message":…,<fields>,"trace_id":…,"span_id":…}`
struct JsonLines {
    /// Where the events go as well. It is no layer of its own: to be asked twice whether somebody wants an event costs more than
    /// to keep it. What is exported is all on stdout: of the exporter's own words, which are not, it takes none.
    exporter: Option<LogExporter>,
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        if let Some(exporter) = self.exporter.as_ref().filter(|_| is_not_of_exporter(metadata)) {
            exporter.record_event(event, look_at_current);
        }
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;

        let mut bytes = Vec::with_capacity(256);
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        let mut line = Line(serializer.serialize_map(None).map_err(|_| fmt::Error)?);
        line.add("timestamp", &timestamp);
        line.add("level", metadata.level().as_str());
        line.add("target", metadata.target());
        event.record(&mut line);
        let ids = current::ids();
        if ids.is_valid() {
            let (mut trace_id, mut span_id) = ([0; 32], [0; 16]);
            hex(&mut trace_id, &ids.trace_id.to_bytes());
            hex(&mut span_id, &ids.span_id.to_bytes());
            // ASCII by construction.
            line.add("trace_id", std::str::from_utf8(&trace_id).unwrap_or_default());
            line.add("span_id", std::str::from_utf8(&span_id).unwrap_or_default());
        }
        line.0.end().map_err(|_| fmt::Error)?;
        writeln!(writer, "{}", String::from_utf8_lossy(&bytes))
    }
}

/// The object being written, its keys in the order they come.
struct Line<M>(M);

impl<M: SerializeMap> Line<M> {
    fn add<V: Serialize + ?Sized>(&mut self, name: &str, value: &V) {
        // Writing text and numbers to memory cannot fail.
        let _ = self.0.serialize_entry(name, value);
    }
}

impl<M: SerializeMap> Visit for Line<M> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), &value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), &format!("{value:?}"));
    }
}
