//! What all ways share: OTLP, by the SDK's own exporter and its own variables.

use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracerProvider};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator};

use crate::faults::{FaultConfig, Faulty};

/// The stock exporter: gRPC or HTTP, by `OTEL_EXPORTER_OTLP_PROTOCOL`. Needs a tokio runtime around it.
pub(super) fn exporter(faults: &FaultConfig) -> Result<Faulty<SpanExporter>, Box<dyn std::error::Error>> {
    // reqwest is built without a provider of cryptography, and wants one even for plain HTTP. An error says that there is
    // one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Faulty::new(SpanExporter::builder().build()?, faults))
}

/// The stock SDK: sampler, batch processor and resource as the environment has them.
pub(super) fn provider(faults: &FaultConfig) -> Result<SdkTracerProvider, Box<dyn std::error::Error>> {
    // W3C Trace Context; baggage, which nobody here reads, is left alone.
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let processor = BatchSpanProcessor::builder(exporter(faults)?).build();
    Ok(SdkTracerProvider::builder().with_resource(resource()).with_span_processor(processor).build())
}

/// The resource of `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`.
pub(super) fn resource() -> Resource {
    Resource::builder().build()
}
