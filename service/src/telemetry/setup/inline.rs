//! Spans and log records that are written as OTLP where they end.

use std::sync::Arc;

use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry_http::HttpClient;
use opentelemetry_sdk::trace::Sampler;
use otlp_inline::{Otlp, TransportError};

use super::{EXPORT_SETTINGS, Exported, Loggers, Started, States, Tracers, header_map, tracer_builder};
use crate::{
    config::{BatchConfig, OtlpConfig, OtlpProtocol},
    telemetry::sampler::{self, Chosen},
};

impl Exported<'_> {
    /// Spans and log records that are written as OTLP where they end.
    pub(super) fn inline(&self) -> Started {
        let Self { config, resource, .. } = *self;
        let meter = self.meters.map(|meters| meters.meter("otel.sdk"));
        let otlp = inline_otlp(&config.otlp, self.client);
        let mut problem = None;
        let mut loggers = None;
        let to = config.export_traces.then(|| otlp.clone());
        let tracers = self.inline_tracers(to, meter.as_ref()).unwrap_or_else(|_| {
            problem = Some(EXPORT_SETTINGS.to_owned());
            // Traces that go nowhere are carried on all the same.
            Tracers::Sdk(tracer_builder(config, resource).build())
        });
        if config.export_logs {
            let batches = inline_batches(&config.log_batches);
            match otlp_inline::LogExporter::start(&otlp, resource, batches, meter.as_ref()) {
                Ok(exporter) => loggers = Some(Loggers::Inline(exporter)),
                Err(_) => problem = Some(EXPORT_SETTINGS.to_owned()),
            }
        }
        (tracers, loggers, problem, States::default())
    }

    /// `otlp`: where spans go, if anywhere.
    fn inline_tracers(&self, otlp: Option<Otlp>, meter: Option<&Meter>) -> Result<Tracers, TransportError> {
        let Self { config, resource, .. } = *self;
        let held_back = Arc::clone(self.held_back);
        let mut builder = otlp
            .map_or_else(otlp_inline::TracerProvider::discarding, otlp_inline::TracerProvider::builder)
            .with_resource(resource.clone())
            .with_batch_config(inline_batches(&config.span_batches))
            .with_held_back(move || held_back.write_all());
        let Chosen { sampler, parent_based } = sampler::chosen(config);
        builder = match sampler {
            sampler if parent_based => builder.with_root_sampler(sampler),
            Sampler::AlwaysOff => builder.without_sampling(),
            sampler => builder.with_trace_id_sampler(sampler),
        };
        if let Some(meter) = meter {
            builder = builder.with_meter(meter.clone());
        }
        builder.build().map(Tracers::Inline)
    }
}

fn inline_otlp(config: &OtlpConfig, client: Option<&Arc<dyn HttpClient>>) -> Otlp {
    let otlp = match config.protocol {
        OtlpProtocol::Grpc => Otlp::grpc(&config.endpoint),
        OtlpProtocol::HttpProtobuf => Otlp::http(&config.endpoint),
    };
    let otlp = otlp
        .with_timeout(config.timeout)
        .with_headers(header_map(config))
        .with_compression(config.gzip.then_some(otlp_inline::Compression::Gzip));
    match client {
        Some(client) => otlp.with_http_client(Arc::clone(client)),
        None => otlp,
    }
}

fn inline_batches(config: &BatchConfig) -> otlp_inline::BatchConfig {
    otlp_inline::BatchConfig {
        max_queue_size: config.max_queue_size,
        max_export_batch_size: config.max_export_batch_size,
        scheduled_delay: config.schedule_delay,
    }
}
