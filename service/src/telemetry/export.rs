//! Exporters that fail quietly: one warning when the collector goes away, one line when it is back.

use std::{
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    logs::{LogBatch, LogExporter},
    trace::{SpanData, SpanExporter},
};
use std::sync::Arc;

use super::metrics::ExportCounter;

/// Wraps an exporter. Its failures are told once, counted always, and kept from the SDK, which would log each batch.
pub(super) struct Quiet<E> {
    exporter: E,
    signal: &'static str,
    state: Arc<ExportState>,
}

/// What is known of an exporter, shared with whoever wants to count.
#[derive(Default)]
pub(super) struct ExportState {
    failing: AtomicBool,
    dropped: AtomicU64,
    /// Set after the meter is made, which is after the exporter is.
    counter: OnceLock<ExportCounter>,
}

impl ExportState {
    pub(super) fn count_with(&self, counter: ExportCounter) {
        // A second call would be a second meter for the same exporter, which nobody makes.
        let _ = self.counter.set(counter);
    }

    fn ended(&self, signal: &'static str, count: usize, result: &OTelSdkResult) {
        let error_type = result.as_ref().err().map(error_type);
        if let Some(counter) = self.counter.get() {
            counter.exported(count, error_type);
        }
        match error_type {
            Some(error_type) => {
                self.dropped.fetch_add(count as u64, Ordering::Relaxed);
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        signal,
                        error_type,
                        "cannot export telemetry; dropping it until the collector answers (told once)"
                    );
                }
            }
            None if self.failing.swap(false, Ordering::Relaxed) => {
                let dropped = self.dropped.swap(0, Ordering::Relaxed);
                tracing::info!(signal, dropped, "the collector answers again");
            }
            None => {}
        }
    }
}

/// The SDK's text may hold the endpoint and its credentials, so only the kind of error is told.
fn error_type(error: &OTelSdkError) -> &'static str {
    match error {
        OTelSdkError::AlreadyShutdown => "already_shutdown",
        OTelSdkError::Timeout(_) => "timeout",
        OTelSdkError::InternalFailure(_) => "export_failed",
    }
}

impl<E> Quiet<E> {
    pub(super) fn new(exporter: E, signal: &'static str) -> (Self, Arc<ExportState>) {
        let state = Arc::new(ExportState::default());
        (Self { exporter, signal, state: Arc::clone(&state) }, state)
    }
}

impl<E> fmt::Debug for Quiet<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quiet").field("signal", &self.signal).finish_non_exhaustive()
    }
}

impl<E: SpanExporter> SpanExporter for Quiet<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let result = self.exporter.export(batch).await;
        self.state.ended(self.signal, count, &result);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

impl<E: LogExporter> LogExporter for Quiet<E> {
    async fn export(&self, batch: LogBatch<'_>) -> OTelSdkResult {
        let count = batch.iter().count();
        let result = self.exporter.export(batch).await;
        self.state.ended(self.signal, count, &result);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
