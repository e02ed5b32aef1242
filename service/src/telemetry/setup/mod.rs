//! Providers, processors, exporters. The only place that knows which pipeline there is.

mod inline;
mod sdk;

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    InstrumentationScope, global,
    metrics::{MeterProvider as _, NoopMeterProvider},
    trace::TracerProvider as _,
};
use opentelemetry_http::HttpClient;
use opentelemetry_sdk::{
    Resource,
    logs::{LogProcessor as _, SdkLoggerProvider},
    metrics::SdkMeterProvider,
    trace::{SdkTracerProvider, SpanProcessor, TracerProviderBuilder},
};
use prometheus::Registry;

use super::{
    Telemetry,
    export::ExportState,
    handle::Active,
    libraries::ForLibraries,
    metrics::{Instruments, Metrics},
    names::{SCHEMA_URL, SCOPE},
    operation::{EndedOperations, ended_operations},
    propagation::Propagation,
    resource::{percent_decoded, resource},
    sampler::sampler,
    tracer::Tracer,
};
use crate::config::{OtlpConfig, OtlpProtocol, TelemetryConfig, TelemetryPipeline};

/// The providers, which must be flushed before the process ends.
pub struct Providers {
    telemetry: Telemetry,
    tracers: Option<Tracers>,
    loggers: Option<Loggers>,
    meters: Option<SdkMeterProvider>,
    held_back: Arc<EndedOperations>,
    problem: Option<String>,
}

/// What spans go through.
enum Tracers {
    /// Written as OTLP while they happen.
    Inline(otlp_inline::TracerProvider),
    /// The SDK's.
    Sdk(SdkTracerProvider),
}

/// What log records go through.
pub(super) enum Loggers {
    /// Written as OTLP by the layer that events go to.
    Inline(otlp_inline::LogExporter),
    /// The SDK's.
    Sdk(SdkLoggerProvider),
}

impl Providers {
    /// Starts everything the settings ask for, exporting by OTLP. Needs a tokio runtime around it.
    ///
    /// An exporter that cannot be made is no error: [`Self::problem`] tells, and the service runs without it.
    #[must_use]
    pub fn start(config: &TelemetryConfig) -> Self {
        Self::start_by(config, None)
    }

    /// The same, with OTLP over HTTP carried by the caller's client instead of a network: to measure what telemetry costs
    /// up to there. gRPC is not carried; the settings must ask for `http/protobuf`.
    #[must_use]
    pub fn start_over(config: &TelemetryConfig, client: &Arc<dyn HttpClient>) -> Self {
        Self::start_by(config, Some(client))
    }

    fn start_by(config: &TelemetryConfig, client: Option<&Arc<dyn HttpClient>>) -> Self {
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

        let held_back = Arc::new(ended_operations());
        let started = Exported { config, resource: &resource, meters: meters.as_ref(), client, held_back: &held_back };
        let (tracers, loggers, problem, states) = match config.pipeline {
            // The SDK's spans are objects, which can be printed.
            TelemetryPipeline::Inline if !config.debug => started.inline(),
            TelemetryPipeline::Inline | TelemetryPipeline::Sdk => started.sdk(),
        };
        tracers.offer_to_libraries();
        let providers = Self::assemble(config, tracers, loggers, meters, registry, held_back, problem);
        providers.count_exports(config.otlp.protocol, &states);
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
        Self::assemble(config, Tracers::Sdk(tracers), None, meters, registry, Arc::new(ended_operations()), None)
    }

    fn off() -> Self {
        Self {
            telemetry: Telemetry::disabled(),
            tracers: None,
            loggers: None,
            meters: None,
            held_back: Arc::new(ended_operations()),
            problem: None,
        }
    }

    fn assemble(
        config: &TelemetryConfig,
        tracers: Tracers,
        loggers: Option<Loggers>,
        meters: Option<SdkMeterProvider>,
        registry: Option<Registry>,
        held_back: Arc<EndedOperations>,
        problem: Option<String>,
    ) -> Self {
        let meter = match &meters {
            Some(meters) => meters.meter_with_scope(scope()),
            None => NoopMeterProvider::new().meter_with_scope(scope()),
        };
        let mut instruments = Instruments::new(&meter, registry.is_some(), config.exemplars);
        let telemetry = Telemetry::new(Active {
            tracer: tracers.tracer(),
            propagation: Propagation::new(&config.propagators),
            metrics: Metrics::new(&mut instruments),
            meter: meter.clone(),
            held_back: Arc::clone(&held_back),
            registry,
            exemplars: instruments.into_exemplars(),
            capture_content: config.capture_message_content,
        });
        Self { telemetry, tracers: Some(tracers), loggers, meters, held_back, problem }
    }

    fn count_exports(&self, protocol: OtlpProtocol, states: &States) {
        let Some(metrics) = self.telemetry.metrics() else { return };
        let (span_exporter, log_exporter) = match protocol {
            OtlpProtocol::Grpc => ("otlp_grpc_span_exporter", "otlp_grpc_log_exporter"),
            OtlpProtocol::HttpProtobuf => ("otlp_http_span_exporter", "otlp_http_log_exporter"),
        };
        if let Some(state) = &states.spans {
            state.count_with(metrics.export.spans(span_exporter));
        }
        if let Some(state) = &states.logs {
            state.count_with(metrics.export.logs(log_exporter));
        }
    }

    /// The handle for the service.
    #[must_use]
    pub fn telemetry(&self) -> Telemetry {
        self.telemetry
    }

    /// Why nothing is exported, if nothing is.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    pub(super) fn loggers(&self) -> Option<&Loggers> {
        self.loggers.as_ref()
    }

    /// Exports what has ended so far. Blocks: not for a runtime's worker that the export needs.
    ///
    /// What cannot be exported is lost; the exporters have said so.
    pub fn flush(&self) {
        self.held_back.write_all();
        if let Some(tracers) = &self.tracers {
            tracers.flush();
        }
        if let Some(loggers) = &self.loggers {
            loggers.flush();
        }
    }

    /// Exports what is left and stops, within about `limit` for each signal. Blocks: not for a runtime's worker.
    ///
    /// What cannot be exported is lost; the exporters have said so.
    pub fn shutdown(&self, limit: Duration) {
        self.held_back.close();
        if let Some(tracers) = &self.tracers {
            tracers.shutdown(limit);
        }
        if let Some(loggers) = &self.loggers {
            loggers.shutdown(limit);
        }
        if let Some(meters) = &self.meters {
            let _ = meters.shutdown_with_timeout(limit);
        }
    }
}

impl Tracers {
    fn tracer(&self) -> Tracer {
        match self {
            Self::Inline(provider) => Tracer::Inline(provider.tracer_with_scope(scope())),
            Self::Sdk(provider) => Tracer::Sdk(provider.tracer_with_scope(scope())),
        }
    }

    /// As the provider that is found without being handed on.
    fn offer_to_libraries(&self) {
        match self {
            Self::Inline(provider) => global::set_tracer_provider(ForLibraries(provider.clone())),
            Self::Sdk(provider) => global::set_tracer_provider(provider.clone()),
        }
    }

    /// What cannot be exported is lost; the exporters have said so.
    fn flush(&self) {
        let _ = match self {
            Self::Inline(provider) => provider.force_flush(),
            Self::Sdk(provider) => provider.force_flush(),
        };
    }

    /// As for [`Self::flush`].
    fn shutdown(&self, limit: Duration) {
        let _ = match self {
            Self::Inline(provider) => provider.shutdown_with_timeout(limit),
            Self::Sdk(provider) => provider.shutdown_with_timeout(limit),
        };
    }
}

impl Loggers {
    /// As for [`Tracers::flush`].
    fn flush(&self) {
        let _ = match self {
            Self::Inline(exporter) => exporter.force_flush(),
            Self::Sdk(provider) => provider.force_flush(),
        };
    }

    /// As for [`Tracers::flush`].
    fn shutdown(&self, limit: Duration) {
        let _ = match self {
            Self::Inline(exporter) => exporter.shutdown_with_timeout(limit),
            Self::Sdk(provider) => provider.shutdown_with_timeout(limit),
        };
    }
}

/// What the SDK's exporters know of themselves. The others count on their own.
#[derive(Default)]
struct States {
    spans: Option<Arc<ExportState>>,
    logs: Option<Arc<ExportState>>,
}

/// What tracers and loggers are made from.
struct Exported<'a> {
    config: &'a TelemetryConfig,
    resource: &'a Resource,
    meters: Option<&'a SdkMeterProvider>,
    client: Option<&'a Arc<dyn HttpClient>>,
    held_back: &'a Arc<EndedOperations>,
}

type Started = (Tracers, Option<Loggers>, Option<String>, States);

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

fn header_map(config: &OtlpConfig) -> http::HeaderMap {
    let mut map = http::HeaderMap::new();
    for (key, value) in &config.headers {
        let name = http::HeaderName::from_bytes(key.to_ascii_lowercase().as_bytes());
        let value = http::HeaderValue::from_str(&percent_decoded(value));
        if let (Ok(name), Ok(value)) = (name, value) {
            map.insert(name, value);
        }
    }
    map
}

/// The exporters' own messages may show the endpoint, which may hold a password, so they are not repeated.
const EXPORT_SETTINGS: &str = "telemetry is not exported: the exporter's settings cannot be used; check \
    OTEL_EXPORTER_OTLP_ENDPOINT (a URL with `http://` or `https://`) and OTEL_EXPORTER_OTLP_PROTOCOL";

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Providers").field("telemetry", &self.telemetry).finish_non_exhaustive()
    }
}
