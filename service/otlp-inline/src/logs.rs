//! Logs: a processor for the SDK's logger provider.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use opentelemetry::{
    InstrumentationScope,
    metrics::{Counter, Meter},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    logs::{LogProcessor, SdkLogRecord},
};

use crate::{
    batch::{BatchConfig, Pipeline},
    encode::{
        envelope::{EncodedResource, EncodedScope},
        log,
    },
    scratch::with_buffer,
    stats::{ExportCounts, Signal, Stats},
    transport::{Otlp, TransportError},
};

/// Scopes whose encoding is kept. A target is a module's path: there are few, unless somebody makes them up.
const MOST_SCOPES: usize = 1_024;

/// The SDK's own words: two descriptions for one name would be a conflict.
const CREATED: &str = "The number of log records submitted to the SDK.";

/// Writes log records as OTLP where they are emitted, and exports them in batches. Cheap to clone: the clones are one.
#[derive(Clone, Debug)]
pub struct LogExporter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Counts what is emitted by a layer; what is emitted by the SDK's loggers, those count.
    created: Option<Counter<u64>>,
    pipeline: Pipeline,
    scopes: RwLock<Scopes>,
}

/// By the target, or the scope's name where a record has none.
type Scopes = HashMap<Cow<'static, str>, Vec<(InstrumentationScope, Arc<EncodedScope>)>>;

impl LogExporter {
    /// Starts the exporter's thread, which connects with the first export.
    ///
    /// With a `meter`, exports and losses are counted under their conventional names (`otel.sdk.exporter.log.exported`,
    /// `otel.sdk.processor.log.processed`), and so are a [layer](Self::layer)'s records (`otel.sdk.log.created`).
    ///
    /// # Errors
    /// Settings of the exporter that cannot be used, or a thread that cannot be started.
    pub fn start(
        otlp: &Otlp,
        resource: &Resource,
        batches: BatchConfig,
        meter: Option<&Meter>,
    ) -> Result<Self, TransportError> {
        let stats = Stats::new(Signal::Logs, meter, otlp.protocol, batches.max_queue_size);
        let pipeline = Pipeline::start(batches, otlp, EncodedResource::new(resource), stats, None)?;
        let created = meter.map(|meter| {
            let counter = meter.u64_counter("otel.sdk.log.created").with_unit("{log_record}");
            counter.with_description(CREATED).build()
        });
        Ok(Self(Arc::new(Shared { created, pipeline, scopes: RwLock::default() })))
    }

    /// What became of the log records so far.
    #[must_use]
    pub fn counts(&self) -> ExportCounts {
        self.0.pipeline.counts()
    }

    /// Counts a record that no logger has counted.
    pub(crate) fn created(&self) {
        if let Some(created) = &self.0.created {
            created.add(1, &[]);
        }
    }

    /// Takes an encoded record.
    pub(crate) fn write(&self, scope: &InstrumentationScope, target: Option<&Cow<'static, str>>, record: &[u8]) {
        self.0.pipeline.push(&self.0.scope(scope, target), record);
    }
}

impl LogProcessor for LogExporter {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        with_buffer(|bytes| {
            log::record(bytes, record);
            self.write(scope, record.target(), bytes);
        });
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.pipeline.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.pipeline.shutdown(timeout)
    }
}

impl Shared {
    fn scope(&self, scope: &InstrumentationScope, target: Option<&Cow<'static, str>>) -> Arc<EncodedScope> {
        let name = target.map_or_else(|| scope.name(), |target| target.as_ref());
        let find = |known: &Scopes| {
            let named = known.get(name)?.iter();
            named.clone().find(|(known, _)| known == scope).map(|(_, encoded)| Arc::clone(encoded))
        };
        if let Some(known) = find(&self.scopes.read().unwrap_or_else(PoisonError::into_inner)) {
            return known;
        }
        let mut scopes = self.scopes.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = find(&scopes) {
            return known;
        }
        let encoded = Arc::new(EncodedScope::new(scope, target.map(AsRef::as_ref)));
        if scopes.len() < MOST_SCOPES {
            let named = scopes.entry(Cow::Owned(name.to_owned())).or_default();
            named.push((scope.clone(), Arc::clone(&encoded)));
        }
        encoded
    }
}
