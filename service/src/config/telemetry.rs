//! The settings of traces, metrics and logs. Standard variables keep their standard meaning.

use std::time::Duration;

use super::{ConfigError, source::Reader};

/// Traces, metrics and logs.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a variable of its own that users switch")]
pub struct TelemetryConfig {
    /// `OTEL_ENABLED` (default `true`) and not `OTEL_SDK_DISABLED`: false installs nothing at all.
    pub enabled: bool,
    /// `TELEMETRY_PIPELINE` (default `inline`): what spans and logs go through.
    pub pipeline: TelemetryPipeline,
    /// `PROMETHEUS_METRICS_ENABLED` (default `true`): false makes `/metrics` a 404.
    pub metrics_enabled: bool,
    /// `OTEL_METRICS_EXEMPLAR_FILTER` (default `trace_based`): exemplars of what is measured in sampled spans;
    /// `always_off` keeps none.
    pub exemplars: bool,
    /// `DEBUG` (default `false`): also print finished spans on stdout, as text.
    pub debug: bool,
    /// `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` (default `false`): prompt and answer on the chat span.
    pub capture_message_content: bool,
    /// `OTEL_SERVICE_NAME` (default `rag-service`).
    pub service_name: String,
    /// `OTEL_RESOURCE_ATTRIBUTES`, in order.
    pub resource_attributes: Vec<(String, String)>,
    /// `OTEL_TRACES_SAMPLER` (default `parentbased_traceidratio`).
    pub sampler: SamplerKind,
    /// `OTEL_TRACES_SAMPLER_ARG` (default 1.0): the ratio, 0 to 1.
    pub sampler_ratio: f64,
    /// `OTEL_PROPAGATORS` (default `tracecontext,baggage`).
    pub propagators: Vec<Propagator>,
    /// `OTEL_TRACES_EXPORTER` (default `otlp`): `none` keeps traces in the process, which still carries them on.
    pub export_traces: bool,
    /// `OTEL_LOGS_EXPORTER` (default `otlp`): `none` for collectors that take traces only, like Jaeger.
    pub export_logs: bool,
    /// The exporter.
    pub otlp: OtlpConfig,
    /// `OTEL_BSP_*`.
    pub span_batches: BatchConfig,
    /// `OTEL_BLRP_*`.
    pub log_batches: BatchConfig,
}

/// The OTLP exporter.
#[derive(Clone)]
pub struct OtlpConfig {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` (default `http://localhost:4317`, or port 4318 for `http/protobuf`).
    pub endpoint: String,
    /// `OTEL_EXPORTER_OTLP_PROTOCOL` (default `grpc`).
    pub protocol: OtlpProtocol,
    /// `OTEL_EXPORTER_OTLP_HEADERS`, values still percent-encoded.
    pub headers: Vec<(String, String)>,
    /// `OTEL_EXPORTER_OTLP_TIMEOUT` (default 10 000 ms): one export with its retries.
    pub timeout: Duration,
    /// `OTEL_EXPORTER_OTLP_COMPRESSION` (default `none`): `gzip`.
    pub gzip: bool,
}

impl std::fmt::Debug for OtlpConfig {
    /// Without the headers: they hold credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtlpConfig").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

/// A batch processor's queue.
#[derive(Debug, Clone, Copy)]
pub struct BatchConfig {
    /// `..._MAX_QUEUE_SIZE` (default 2048): more than this is dropped.
    pub max_queue_size: usize,
    /// `..._MAX_EXPORT_BATCH_SIZE` (default 512).
    pub max_export_batch_size: usize,
    /// `..._SCHEDULE_DELAY` (default 5000 ms for spans, 1000 ms for logs).
    pub schedule_delay: Duration,
}

/// What spans and logs go through on their way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TelemetryPipeline {
    /// `otlp-inline`: written as OTLP where they end.
    Inline,
    /// The SDK's batches and exporters.
    Sdk,
}

/// How OTLP travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtlpProtocol {
    /// gRPC.
    Grpc,
    /// Protobuf over HTTP/1.1.
    HttpProtobuf,
}

/// The six standard samplers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SamplerKind {
    /// Every trace.
    AlwaysOn,
    /// No trace.
    AlwaysOff,
    /// A ratio of traces, by trace id.
    TraceIdRatio,
    /// The parent's decision; every root.
    ParentBasedAlwaysOn,
    /// The parent's decision; no root.
    ParentBasedAlwaysOff,
    /// The parent's decision; a ratio of roots.
    ParentBasedTraceIdRatio,
}

/// What is read from and written to headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagator {
    /// `traceparent` and `tracestate`.
    TraceContext,
    /// `baggage`.
    Baggage,
}

impl TelemetryConfig {
    pub(super) fn read(read: &Reader<'_>) -> Result<Self, ConfigError> {
        let resource_attributes = pairs(read, "OTEL_RESOURCE_ATTRIBUTES")?;
        let named = resource_attributes.iter().find(|(key, _)| key == "service.name").map(|(_, name)| name.as_str());
        Ok(Self {
            enabled: read.flag("OTEL_ENABLED", true)? && !read.flag("OTEL_SDK_DISABLED", false)?,
            pipeline: pipeline(read)?,
            metrics_enabled: read.flag("PROMETHEUS_METRICS_ENABLED", true)?,
            exemplars: exemplars(read)?,
            debug: read.flag("DEBUG", false)?,
            capture_message_content: read.flag("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", false)?,
            service_name: read.text_or("OTEL_SERVICE_NAME", named.unwrap_or("rag-service")),
            sampler: sampler(read)?,
            sampler_ratio: read.number("OTEL_TRACES_SAMPLER_ARG", 1.0, 0.0..=1.0)?,
            propagators: propagators(read)?,
            export_traces: exports(read, "OTEL_TRACES_EXPORTER")?,
            export_logs: exports(read, "OTEL_LOGS_EXPORTER")?,
            otlp: otlp(read)?,
            span_batches: BatchConfig {
                max_queue_size: read.number("OTEL_BSP_MAX_QUEUE_SIZE", 2_048, 1..=10_000_000)?,
                max_export_batch_size: read.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512, 1..=10_000_000)?,
                schedule_delay: read.millis("OTEL_BSP_SCHEDULE_DELAY", 5_000)?,
            },
            log_batches: BatchConfig {
                max_queue_size: read.number("OTEL_BLRP_MAX_QUEUE_SIZE", 2_048, 1..=10_000_000)?,
                max_export_batch_size: read.number("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", 512, 1..=10_000_000)?,
                schedule_delay: read.millis("OTEL_BLRP_SCHEDULE_DELAY", 1_000)?,
            },
            resource_attributes,
        })
    }
}

fn pipeline(read: &Reader<'_>) -> Result<TelemetryPipeline, ConfigError> {
    let name = "TELEMETRY_PIPELINE";
    match read.text_or(name, "inline").as_str() {
        "inline" => Ok(TelemetryPipeline::Inline),
        "sdk" => Ok(TelemetryPipeline::Sdk),
        other => Err(ConfigError::new(name, other, "use `inline` or `sdk`")),
    }
}

fn sampler(read: &Reader<'_>) -> Result<SamplerKind, ConfigError> {
    let name = "OTEL_TRACES_SAMPLER";
    let text = read.text_or(name, "parentbased_traceidratio");
    Ok(match text.as_str() {
        "always_on" => SamplerKind::AlwaysOn,
        "always_off" => SamplerKind::AlwaysOff,
        "traceidratio" => SamplerKind::TraceIdRatio,
        "parentbased_always_on" => SamplerKind::ParentBasedAlwaysOn,
        "parentbased_always_off" => SamplerKind::ParentBasedAlwaysOff,
        "parentbased_traceidratio" => SamplerKind::ParentBasedTraceIdRatio,
        _ => {
            let known = "use always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off \
                or parentbased_traceidratio";
            return Err(ConfigError::new(name, &text, known));
        }
    })
}

fn exemplars(read: &Reader<'_>) -> Result<bool, ConfigError> {
    let name = "OTEL_METRICS_EXEMPLAR_FILTER";
    match read.text_or(name, "trace_based").as_str() {
        "trace_based" => Ok(true),
        "always_off" => Ok(false),
        other => {
            let known = "use `trace_based` or `always_off`; an exemplar of a trace that was not kept leads nowhere";
            Err(ConfigError::new(name, other, known))
        }
    }
}

fn exports(read: &Reader<'_>, name: &'static str) -> Result<bool, ConfigError> {
    match read.text_or(name, "otlp").as_str() {
        "otlp" => Ok(true),
        "none" => Ok(false),
        other => Err(ConfigError::new(name, other, "use `otlp` or `none`")),
    }
}

fn propagators(read: &Reader<'_>) -> Result<Vec<Propagator>, ConfigError> {
    let name = "OTEL_PROPAGATORS";
    let text = read.text_or(name, "tracecontext,baggage");
    let mut chosen = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let propagator = match word {
            "tracecontext" => Propagator::TraceContext,
            "baggage" => Propagator::Baggage,
            "none" => continue,
            _ => return Err(ConfigError::new(name, word, "use `tracecontext`, `baggage` or `none`")),
        };
        if !chosen.contains(&propagator) {
            chosen.push(propagator);
        }
    }
    Ok(chosen)
}

fn otlp(read: &Reader<'_>) -> Result<OtlpConfig, ConfigError> {
    let name = "OTEL_EXPORTER_OTLP_PROTOCOL";
    let text = read.text_or(name, "grpc");
    let (protocol, default_endpoint) = match text.as_str() {
        "grpc" => (OtlpProtocol::Grpc, "http://localhost:4317"),
        "http/protobuf" => (OtlpProtocol::HttpProtobuf, "http://localhost:4318"),
        _ => return Err(ConfigError::new(name, &text, "use `grpc` or `http/protobuf`")),
    };
    Ok(OtlpConfig {
        endpoint: read.text_or("OTEL_EXPORTER_OTLP_ENDPOINT", default_endpoint),
        protocol,
        headers: pairs(read, "OTEL_EXPORTER_OTLP_HEADERS")?,
        timeout: read.millis("OTEL_EXPORTER_OTLP_TIMEOUT", 10_000)?,
        gzip: gzip(read)?,
    })
}

fn gzip(read: &Reader<'_>) -> Result<bool, ConfigError> {
    let name = "OTEL_EXPORTER_OTLP_COMPRESSION";
    match read.text_or(name, "none").as_str() {
        "gzip" => Ok(true),
        "none" => Ok(false),
        other => Err(ConfigError::new(name, other, "use `gzip` or `none`")),
    }
}

/// `key=value,key=value`. The values may be secrets, so a message never shows them.
fn pairs(read: &Reader<'_>, name: &'static str) -> Result<Vec<(String, String)>, ConfigError> {
    let text = read.text(name).unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| match entry.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.trim().to_owned())),
            _ => Err(ConfigError::hidden(name, "write it as `key=value,key=value`")),
        })
        .collect()
}
