//! The SDK: providers, processors, exporters. The only place that knows which SDK there is.

use std::{collections::HashMap, time::Duration};

use opentelemetry::{
    InstrumentationScope, global,
    global::BoxedTracer,
    metrics::{MeterProvider as _, NoopMeterProvider},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _, WithTonicConfig as _,
    tonic_types::{metadata::MetadataMap, transport::ClientTlsConfig},
};
use opentelemetry_sdk::{
    Resource,
    logs::{BatchLogProcessor, SdkLoggerProvider},
    metrics::SdkMeterProvider,
    trace::{BatchSpanProcessor, SdkTracerProvider, SpanProcessor, TracerProviderBuilder},
};
use prometheus::Registry;

use super::{
    Telemetry,
    export::{ExportState, Quiet},
    handle::Active,
    metrics::Metrics,
    names::{SCHEMA_URL, SCOPE},
    propagation::propagator,
    resource::{percent_decoded, resource},
    sampler::sampler,
};
use crate::config::{BatchConfig, OtlpConfig, OtlpProtocol, TelemetryConfig};

/// The SDK's providers, which must be flushed before the process ends.
pub struct Providers {
    telemetry: Telemetry,
    tracers: Option<SdkTracerProvider>,
    loggers: Option<SdkLoggerProvider>,
    meters: Option<SdkMeterProvider>,
    problem: Option<String>,
}

impl Providers {
    /// Starts everything the settings ask for, exporting by OTLP. Needs a tokio runtime around it.
    ///
    /// An exporter that cannot be made is no error: [`Self::problem`] tells, and the service runs without it.
    #[must_use]
    pub fn start(config: &TelemetryConfig) -> Self {
        if !config.enabled {
            return Self::off();
        }
        crate::clients::install_tls();
        let resource = resource(config);
        let (meters, registry) = meters(config, &resource);
        if let Some(meters) = &meters {
            // The batch processor counts what it drops with the global meter.
            global::set_meter_provider(meters.clone());
        }

        let mut problem = None;
        let mut tracers = tracer_builder(config, &resource);
        let mut loggers = None;
        let mut span_state = None;
        let mut log_state = None;
        if config.export_traces {
            match span_exporter(&config.otlp) {
                Ok(exporter) => {
                    let (exporter, state) = Quiet::new(exporter, "traces");
                    tracers = tracers.with_span_processor(span_batches(exporter, &config.span_batches));
                    span_state = Some(state);
                }
                Err(error) => problem = Some(describe(&error)),
            }
        }
        if config.export_logs {
            match log_exporter(&config.otlp) {
                Ok(exporter) => {
                    let (exporter, state) = Quiet::new(exporter, "logs");
                    let processor = log_batches(exporter, &config.log_batches);
                    let builder = SdkLoggerProvider::builder().with_resource(resource.clone());
                    loggers = Some(builder.with_log_processor(processor).build());
                    log_state = Some(state);
                }
                Err(error) => problem = Some(describe(&error)),
            }
        }
        if config.debug {
            tracers = tracers.with_simple_exporter(opentelemetry_stdout::SpanExporter::default());
        }

        let providers = Self::assemble(config, tracers.build(), loggers, meters, registry, problem);
        providers.count_exports(config.otlp.protocol, span_state.as_deref(), log_state.as_deref());
        providers
    }

    /// The same with a span processor of the caller's instead of OTLP, without logs and without global state: for
    /// tests and measurements in the process.
    #[must_use]
    pub fn with_span_processor(config: &TelemetryConfig, processor: impl SpanProcessor + 'static) -> Self {
        if !config.enabled {
            return Self::off();
        }
        let resource = resource(config);
        let (meters, registry) = meters(config, &resource);
        let tracers = tracer_builder(config, &resource).with_span_processor(processor).build();
        Self::assemble(config, tracers, None, meters, registry, None)
    }

    fn off() -> Self {
        Self { telemetry: Telemetry::disabled(), tracers: None, loggers: None, meters: None, problem: None }
    }

    fn assemble(
        config: &TelemetryConfig,
        tracers: SdkTracerProvider,
        loggers: Option<SdkLoggerProvider>,
        meters: Option<SdkMeterProvider>,
        registry: Option<Registry>,
        problem: Option<String>,
    ) -> Self {
        let meter = match &meters {
            Some(meters) => meters.meter_with_scope(scope()),
            None => NoopMeterProvider::new().meter_with_scope(scope()),
        };
        let telemetry = Telemetry::new(Active {
            tracer: BoxedTracer::new(Box::new(tracers.tracer_with_scope(scope()))),
            propagator: propagator(&config.propagators),
            metrics: Metrics::new(&meter),
            registry,
            capture_content: config.capture_message_content,
        });
        Self { telemetry, tracers: Some(tracers), loggers, meters, problem }
    }

    fn count_exports(&self, protocol: OtlpProtocol, spans: Option<&ExportState>, logs: Option<&ExportState>) {
        let Some(metrics) = self.telemetry.metrics() else { return };
        let (span_exporter, log_exporter) = match protocol {
            OtlpProtocol::Grpc => ("otlp_grpc_span_exporter", "otlp_grpc_log_exporter"),
            OtlpProtocol::HttpProtobuf => ("otlp_http_span_exporter", "otlp_http_log_exporter"),
        };
        if let Some(state) = spans {
            state.count_with(metrics.export.spans(span_exporter));
        }
        if let Some(state) = logs {
            state.count_with(metrics.export.logs(log_exporter));
        }
    }

    /// The handle for the service.
    #[must_use]
    pub fn telemetry(&self) -> Telemetry {
        self.telemetry.clone()
    }

    /// Why nothing is exported, if nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn loggers(&self) -> Option<&SdkLoggerProvider> {
        self.loggers.as_ref()
    }

    /// Exports what is left and stops, within about `limit` for each signal. Blocks: not for a runtime's worker.
    ///
    /// What cannot be exported is lost; the exporters have said so.
    pub fn shutdown(&self, limit: Duration) {
        if let Some(tracers) = &self.tracers {
            let _ = tracers.shutdown_with_timeout(limit);
        }
        if let Some(loggers) = &self.loggers {
            let _ = loggers.shutdown_with_timeout(limit);
        }
        if let Some(meters) = &self.meters {
            let _ = meters.shutdown_with_timeout(limit);
        }
    }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(SCOPE).with_version(env!("CARGO_PKG_VERSION")).with_schema_url(SCHEMA_URL).build()
}

fn tracer_builder(config: &TelemetryConfig, resource: &Resource) -> TracerProviderBuilder {
    SdkTracerProvider::builder().with_resource(resource.clone()).with_sampler(sampler(config))
}

fn meters(config: &TelemetryConfig, resource: &Resource) -> (Option<SdkMeterProvider>, Option<Registry>) {
    if !config.metrics_enabled {
        return (None, None);
    }
    let registry = Registry::new();
    // There is one scope, and its name is the job's: labels that say it again on each series are left out.
    let exporter =
        opentelemetry_prometheus::exporter().with_registry(registry.clone()).scope_info_enabled(false).build();
    match exporter {
        Ok(reader) => {
            let meters = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(reader).build();
            (Some(meters), Some(registry))
        }
        // Registering the first collector of a new registry cannot collide with another one.
        Err(_) => (None, None),
    }
}

fn span_batches(exporter: Quiet<SpanExporter>, config: &BatchConfig) -> BatchSpanProcessor {
    let config = opentelemetry_sdk::trace::BatchConfigBuilder::default()
        .with_max_queue_size(config.max_queue_size)
        .with_max_export_batch_size(config.max_export_batch_size)
        .with_scheduled_delay(config.schedule_delay)
        .build();
    BatchSpanProcessor::builder(exporter).with_batch_config(config).build()
}

fn log_batches(exporter: Quiet<LogExporter>, config: &BatchConfig) -> BatchLogProcessor {
    let config = opentelemetry_sdk::logs::BatchConfigBuilder::default()
        .with_max_queue_size(config.max_queue_size)
        .with_max_export_batch_size(config.max_export_batch_size)
        .with_scheduled_delay(config.schedule_delay)
        .build();
    BatchLogProcessor::builder(exporter).with_batch_config(config).build()
}

fn span_exporter(config: &OtlpConfig) -> Result<SpanExporter, ExporterBuildError> {
    match config.protocol {
        OtlpProtocol::Grpc => SpanExporter::builder()
            .with_tonic()
            .with_endpoint(&config.endpoint)
            .with_timeout(config.timeout)
            .with_metadata(metadata(config))
            .with_tls_config(ClientTlsConfig::new().with_enabled_roots())
            .build(),
        OtlpProtocol::HttpProtobuf => SpanExporter::builder()
            .with_http()
            .with_endpoint(signal_url(config, "traces"))
            .with_timeout(config.timeout)
            .with_headers(headers(config))
            .build(),
    }
}

fn log_exporter(config: &OtlpConfig) -> Result<LogExporter, ExporterBuildError> {
    match config.protocol {
        OtlpProtocol::Grpc => LogExporter::builder()
            .with_tonic()
            .with_endpoint(&config.endpoint)
            .with_timeout(config.timeout)
            .with_metadata(metadata(config))
            .with_tls_config(ClientTlsConfig::new().with_enabled_roots())
            .build(),
        OtlpProtocol::HttpProtobuf => LogExporter::builder()
            .with_http()
            .with_endpoint(signal_url(config, "logs"))
            .with_timeout(config.timeout)
            .with_headers(headers(config))
            .build(),
    }
}

/// The general endpoint is a base: the path of the signal is added to it.
fn signal_url(config: &OtlpConfig, signal: &str) -> String {
    format!("{}/v1/{signal}", config.endpoint.trim_end_matches('/'))
}

fn headers(config: &OtlpConfig) -> HashMap<String, String> {
    config.headers.iter().cloned().collect()
}

fn metadata(config: &OtlpConfig) -> MetadataMap {
    let mut map = http::HeaderMap::new();
    for (key, value) in &config.headers {
        let name = http::HeaderName::from_bytes(key.to_ascii_lowercase().as_bytes());
        let value = http::HeaderValue::from_str(&percent_decoded(value));
        if let (Ok(name), Ok(value)) = (name, value) {
            map.insert(name, value);
        }
    }
    MetadataMap::from_headers(map)
}

/// The SDK's message shows the endpoint, which may hold a password, so it is not repeated.
fn describe(error: &ExporterBuildError) -> String {
    let kind = match error {
        ExporterBuildError::InvalidConfiguration(_) => "the exporter's settings cannot be used",
        ExporterBuildError::InternalFailure(_) => "the exporter could not be started",
    };
    format!(
        "telemetry is not exported: {kind}; check OTEL_EXPORTER_OTLP_ENDPOINT (a URL with `http://` or `https://`) \
         and OTEL_EXPORTER_OTLP_PROTOCOL"
    )
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Providers").field("telemetry", &self.telemetry).finish_non_exhaustive()
    }
}
