//! The SDK's batches and exporters.

use std::{collections::HashMap, sync::Arc};

use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
    WithTonicConfig as _,
    tonic_types::{metadata::MetadataMap, transport::ClientTlsConfig},
};
use opentelemetry_sdk::{
    logs::{BatchLogProcessor, SdkLoggerProvider},
    trace::BatchSpanProcessor,
};

use super::{EXPORT_SETTINGS, Exported, Loggers, Started, States, Tracers, header_map, tracer_builder};
use crate::{
    config::{BatchConfig, OtlpConfig, OtlpProtocol},
    telemetry::export::Quiet,
};

impl Exported<'_> {
    /// The SDK's batches and exporters.
    pub(super) fn sdk(&self) -> Started {
        let Self { config, resource, client, .. } = *self;
        let mut problem = None;
        let mut tracers = tracer_builder(config, resource);
        let mut loggers = None;
        let mut states = States::default();
        if config.export_traces {
            match span_exporter(&config.otlp, client) {
                Ok(exporter) => {
                    let (exporter, state) = Quiet::new(exporter, "traces");
                    tracers = tracers.with_span_processor(span_batches(exporter, &config.span_batches));
                    states.spans = Some(state);
                }
                Err(error) => problem = Some(describe(&error)),
            }
        }
        if config.export_logs {
            match log_exporter(&config.otlp, client) {
                Ok(exporter) => {
                    let (exporter, state) = Quiet::new(exporter, "logs");
                    let processor = log_batches(exporter, &config.log_batches);
                    let builder = SdkLoggerProvider::builder().with_resource(resource.clone());
                    loggers = Some(Loggers::Sdk(builder.with_log_processor(processor).build()));
                    states.logs = Some(state);
                }
                Err(error) => problem = Some(describe(&error)),
            }
        }
        if config.debug {
            tracers = tracers.with_simple_exporter(opentelemetry_stdout::SpanExporter::default());
        }
        (Tracers::Sdk(tracers.build()), loggers, problem, states)
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

fn span_exporter(
    config: &OtlpConfig,
    client: Option<&Arc<dyn HttpClient>>,
) -> Result<SpanExporter, ExporterBuildError> {
    match config.protocol {
        OtlpProtocol::Grpc => SpanExporter::builder()
            .with_tonic()
            .with_endpoint(&config.endpoint)
            .with_timeout(config.timeout)
            .with_metadata(metadata(config))
            .with_tls_config(ClientTlsConfig::new().with_enabled_roots())
            .build(),
        OtlpProtocol::HttpProtobuf => {
            let exporter = SpanExporter::builder()
                .with_http()
                // Not what the features of the whole build make its default: with `http-json` anywhere, that is JSON.
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(signal_url(config, "traces"))
                .with_timeout(config.timeout)
                .with_headers(headers(config));
            match client {
                Some(client) => exporter.with_shared_http_client(Arc::clone(client)).build(),
                None => exporter.build(),
            }
        }
    }
}

fn log_exporter(config: &OtlpConfig, client: Option<&Arc<dyn HttpClient>>) -> Result<LogExporter, ExporterBuildError> {
    match config.protocol {
        OtlpProtocol::Grpc => LogExporter::builder()
            .with_tonic()
            .with_endpoint(&config.endpoint)
            .with_timeout(config.timeout)
            .with_metadata(metadata(config))
            .with_tls_config(ClientTlsConfig::new().with_enabled_roots())
            .build(),
        OtlpProtocol::HttpProtobuf => {
            let exporter = LogExporter::builder()
                .with_http()
                // Not what the features of the whole build make its default: with `http-json` anywhere, that is JSON.
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(signal_url(config, "logs"))
                .with_timeout(config.timeout)
                .with_headers(headers(config));
            match client {
                Some(client) => exporter.with_shared_http_client(Arc::clone(client)).build(),
                None => exporter.build(),
            }
        }
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
    MetadataMap::from_headers(header_map(config))
}

fn describe(error: &ExporterBuildError) -> String {
    match error {
        ExporterBuildError::InvalidConfiguration(_) => EXPORT_SETTINGS.to_owned(),
        ExporterBuildError::InternalFailure(_) => {
            EXPORT_SETTINGS.replace("the exporter's settings cannot be used", "the exporter could not be started")
        }
    }
}
