//! Logs: a processor for the SDK's logger provider.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use opentelemetry::{InstrumentationScope, metrics::Meter};
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
    events::Seen,
    held::HeldBack,
    stats::{ExportCounts, Signal, Stats},
    transport::{Otlp, TransportError},
};

/// Scopes whose encoding is kept. A target is a module's path: there are few, unless somebody makes them up.
const MOST_SCOPES: usize = 1_024;

/// Events that are written together.
const TOGETHER: usize = 64;

/// Events of more text than this, in bytes, do not wait for others.
const LARGE: usize = 16 << 10;

/// The SDK's own words: two descriptions for one name would be a conflict.
const CREATED: &str = "The number of log records submitted to the SDK.";

/// Writes log records as OTLP where they are emitted, and exports them in batches. Cheap to clone: the clones are one.
#[derive(Clone, Debug)]
pub struct LogExporter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// What layers have seen; what is emitted by the SDK's loggers, those count.
    created: Arc<AtomicU64>,
    written: Arc<Written>,
    /// Of layers, not written yet.
    seen: Arc<HeldBack<Seen>>,
}

#[derive(Debug)]
struct Written {
    pipeline: Pipeline,
    scopes: RwLock<Scopes>,
}

/// By the target, or the scope's name where a record has none.
type Scopes = HashMap<String, Vec<(InstrumentationScope, Arc<EncodedScope>)>>;

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
        let created = Arc::<AtomicU64>::default();
        if let Some(meter) = meter {
            let created = Arc::clone(&created);
            let counter = meter.u64_observable_counter("otel.sdk.log.created").with_unit("{log_record}");
            let show = counter.with_description(CREATED).with_callback(move |observer| {
                // Where the SDK's loggers count, no layer does.
                let count = created.load(Ordering::Relaxed);
                if count > 0 {
                    observer.observe(count, &[]);
                }
            });
            show.build();
        }
        // What is held back goes into the pipeline, whose thread has it written: known to it only when there is both.
        let held_back = Arc::<OnceLock<Weak<HeldBack<Seen>>>>::default();
        let known = Arc::clone(&held_back);
        let write_held_back = Box::new(move |last_time| {
            if let Some(seen) = known.get().and_then(Weak::upgrade) {
                if last_time { seen.close() } else { seen.write_all() }
            }
        });
        let pipeline = Pipeline::start(batches, otlp, EncodedResource::new(resource), stats, Some(write_held_back))?;
        let written = Arc::new(Written { pipeline, scopes: RwLock::default() });
        let writing = Arc::clone(&written);
        let seen = Arc::new(HeldBack::new(TOGETHER, move |seen: &mut Seen| writing.write_seen(seen)));
        // Nobody else has it.
        let _ = held_back.set(Arc::downgrade(&seen));
        Ok(Self(Arc::new(Shared { created, written, seen })))
    }

    /// What became of the log records so far.
    #[must_use]
    pub fn counts(&self) -> ExportCounts {
        self.0.written.pipeline.counts()
    }

    /// Takes an event of a layer, which is written later, or at once if it is large: what waits is to be bounded in bytes too.
    pub(crate) fn seen(&self, seen: Seen) {
        self.0.created.fetch_add(1, Ordering::Relaxed);
        if seen.text_length() > LARGE {
            return self.0.written.write_seen(&seen);
        }
        self.0.seen.take(seen);
    }
}

impl LogProcessor for LogExporter {
    fn emit(&self, record: &mut SdkLogRecord, scope: &InstrumentationScope) {
        self.0.written.write(scope, record.target().map(AsRef::as_ref), |out| log::record(out, record));
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.written.pipeline.flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.written.pipeline.shutdown(timeout)
    }
}

impl Drop for Shared {
    /// Without a shutdown: the last of the layers is gone as well. The exporter's thread ends here, while all that it uses is
    /// there.
    fn drop(&mut self) {
        self.seen.close();
        self.written.pipeline.end();
    }
}

impl Written {
    /// Takes a record, which `write` appends.
    fn write(&self, scope: &InstrumentationScope, target: Option<&str>, write: impl FnOnce(&mut Vec<u8>)) {
        self.pipeline.push(&self.scope(scope, target), write);
    }

    fn write_seen(&self, seen: &Seen) {
        self.write(&InstrumentationScope::default(), Some(seen.metadata.target()), |out| seen.encode(out));
    }

    fn scope(&self, scope: &InstrumentationScope, target: Option<&str>) -> Arc<EncodedScope> {
        let name = target.unwrap_or_else(|| scope.name());
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
        let encoded = Arc::new(EncodedScope::new(scope, target));
        if scopes.len() < MOST_SCOPES {
            let named = scopes.entry(name.to_owned()).or_default();
            named.push((scope.clone(), Arc::clone(&encoded)));
        }
        encoded
    }
}
