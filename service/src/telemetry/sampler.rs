//! Which traces are kept.

use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use crate::config::{SamplerKind, TelemetryConfig};

pub(super) fn sampler(config: &TelemetryConfig) -> Box<dyn ShouldSample> {
    let ratio = Sampler::TraceIdRatioBased(config.sampler_ratio);
    match config.sampler {
        SamplerKind::AlwaysOn => Box::new(Sampler::AlwaysOn),
        SamplerKind::AlwaysOff => Box::new(Sampler::AlwaysOff),
        SamplerKind::TraceIdRatio => Box::new(ratio),
        SamplerKind::ParentBasedAlwaysOn => Box::new(Sampler::parent_based(Sampler::AlwaysOn)),
        SamplerKind::ParentBasedAlwaysOff => Box::new(Sampler::parent_based(Sampler::AlwaysOff)),
        SamplerKind::ParentBasedTraceIdRatio => Box::new(Sampler::parent_based(ratio)),
    }
}
