//! `otlp-inline`, by the variables that the SDK reads.

use std::time::Duration;

use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::Sampler;
use otlp_inline::{BatchConfig, Otlp, TracerProvider, TracerProviderBuilder};

pub(super) fn provider() -> Result<TracerProvider, Box<dyn std::error::Error>> {
    Ok(builder()?.build()?)
}

/// Sampler, batches, endpoint and resource as the environment has them; of samplers, those the comparison uses.
pub(super) fn builder() -> Result<TracerProviderBuilder, Box<dyn std::error::Error>> {
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let endpoint = setting("OTEL_EXPORTER_OTLP_ENDPOINT");
    let otlp = match setting("OTEL_EXPORTER_OTLP_PROTOCOL").as_deref() {
        Some("http/protobuf") => Otlp::http(endpoint.unwrap_or_else(|| "http://localhost:4318".to_owned())),
        _ => Otlp::grpc(endpoint.unwrap_or_else(|| "http://localhost:4317".to_owned())),
    };
    let defaults = BatchConfig::default();
    let delay = number("OTEL_BSP_SCHEDULE_DELAY")?.map(Duration::from_millis);
    let size = |name| Ok::<_, Box<dyn std::error::Error>>(number(name)?.and_then(|size| usize::try_from(size).ok()));
    let (queue, batch) = (size("OTEL_BSP_MAX_QUEUE_SIZE")?, size("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")?);
    let batches = BatchConfig {
        max_queue_size: queue.unwrap_or(defaults.max_queue_size),
        max_export_batch_size: batch.unwrap_or(defaults.max_export_batch_size),
        scheduled_delay: delay.unwrap_or(defaults.scheduled_delay),
    };
    let builder = TracerProvider::builder(otlp).with_resource(super::otlp::resource());
    let builder = match setting("OTEL_TRACES_SAMPLER").as_deref() {
        Some("always_off") => builder.without_sampling(),
        _ => builder.with_root_sampler(Sampler::AlwaysOn),
    };
    Ok(builder.with_batch_config(batches))
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn number(name: &str) -> Result<Option<u64>, Box<dyn std::error::Error>> {
    let Some(text) = setting(name) else { return Ok(None) };
    Ok(Some(text.parse().map_err(|_| format!("{name}=`{text}` is no number"))?))
}
