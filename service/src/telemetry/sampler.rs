//! Which traces are kept.

use opentelemetry_sdk::trace::{Sampler, ShouldSample};

use crate::config::{SamplerKind, TelemetryConfig};

/// What is asked for: a sampler that looks at the trace's id alone.
pub(super) struct Chosen {
    pub(super) sampler: Sampler,
    /// Whether it is asked about traces that begin here only, and other spans do as their parent does.
    pub(super) parent_based: bool,
}

pub(super) fn chosen(config: &TelemetryConfig) -> Chosen {
    let ratio = Sampler::TraceIdRatioBased(config.sampler_ratio);
    let (sampler, parent_based) = match config.sampler {
        SamplerKind::AlwaysOn => (Sampler::AlwaysOn, false),
        SamplerKind::AlwaysOff => (Sampler::AlwaysOff, false),
        SamplerKind::TraceIdRatio => (ratio, false),
        SamplerKind::ParentBasedAlwaysOn => (Sampler::AlwaysOn, true),
        SamplerKind::ParentBasedAlwaysOff => (Sampler::AlwaysOff, true),
        SamplerKind::ParentBasedTraceIdRatio => (ratio, true),
    };
    Chosen { sampler, parent_based }
}

/// The same as one sampler, which is asked about every span.
pub(super) fn sampler(config: &TelemetryConfig) -> Box<dyn ShouldSample> {
    let Chosen { sampler, parent_based } = chosen(config);
    if parent_based { Box::new(Sampler::parent_based(sampler)) } else { Box::new(sampler) }
}
