//! The handle that every part of the service holds.

use std::sync::Arc;

use opentelemetry::metrics::Meter;
use prometheus::{Registry, TextEncoder};

use super::{
    current::Current,
    exemplars::Exemplars,
    exposition::{self, Format},
    metrics::{
        Metrics,
        usage::{self, UsageCounts},
    },
    operation::EndedOperations,
    propagation::Propagation,
    tracer::Tracer,
};

/// Starts spans, records measurements, carries the context on. Does nothing when telemetry is off.
///
/// What it stands for is kept for good: a process has one, and every open span would otherwise count itself in and out of
/// it, in a cache line that goes to and fro between processors.
#[derive(Clone, Copy, Default)]
pub struct Telemetry(Option<&'static Active>);

pub(super) struct Active {
    pub(super) tracer: Tracer,
    pub(super) propagation: Propagation,
    pub(super) metrics: Metrics,
    /// For instruments that are read from elsewhere.
    pub(super) meter: Meter,
    /// What has ended and is not written yet.
    pub(super) held_back: Arc<EndedOperations>,
    /// What `/metrics` shows; `None` when metrics are off.
    pub(super) registry: Option<Registry>,
    /// What OpenMetrics shows beside them.
    pub(super) exemplars: Exemplars,
    pub(super) capture_content: bool,
}

impl Telemetry {
    /// Telemetry that is off: no span, no measurement, no header.
    #[must_use]
    pub fn disabled() -> Self {
        Self(None)
    }

    pub(super) fn new(active: Active) -> Self {
        Self(Some(Box::leak(Box::new(active))))
    }

    /// Whether anything is recorded.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn active(self) -> Option<&'static Active> {
        self.0
    }

    /// The instruments, for what is measured without a span.
    pub(crate) fn metrics(&self) -> Option<&Metrics> {
        self.0.map(|active| &active.metrics)
    }

    /// Shows what the usage monitor counts as counters, which `read` it. Once: a second monitor would count for the first.
    pub(crate) fn observe_usage(self, read: impl Fn() -> UsageCounts + Clone + Send + Sync + 'static) {
        if let Some(active) = self.0 {
            usage::observe(&active.meter, read);
        }
    }

    /// Whether prompts and answers go into spans.
    pub(crate) fn captures_content(self) -> bool {
        self.0.is_some_and(|active| active.capture_content)
    }

    /// The context a request came with.
    pub(crate) fn extract(self, headers: &http::HeaderMap) -> Current {
        match &self.0 {
            Some(active) => active.propagation.extract(headers),
            None => Current::NONE,
        }
    }

    /// Puts the current context into the headers of a request we send, which has none of them yet.
    pub(crate) fn inject(self, headers: &mut http::HeaderMap) {
        if let Some(active) = &self.0 {
            active.propagation.inject(&Current::get(), headers);
        }
    }

    /// The measurements as `/metrics` shows them; `None` when metrics are off.
    #[must_use]
    pub fn exposition(&self, format: Format) -> Option<String> {
        let active = self.0?;
        let registry = active.registry.as_ref()?;
        active.held_back.write_all();
        match format {
            Format::Text => TextEncoder::new().encode_to_string(&registry.gather()).ok(),
            Format::OpenMetrics | Format::OpenMetricsDraft => {
                let exemplars = active.exemplars.snapshot();
                Some(exposition::openmetrics(&registry.gather(), &exemplars))
            }
        }
    }
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Telemetry").field(&if self.is_enabled() { "on" } else { "off" }).finish()
    }
}
