//! What became of telemetry: counted under the conventional names, and told once.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};

use crate::{
    batch::Loss,
    transport::{Failure, Protocol},
};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Logs,
}

/// The counts of one signal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// Items a collector has taken.
    pub exported: u64,
    /// Items a collector took the request of, but not the items (partial success).
    pub rejected: u64,
    /// Items whose export failed for good.
    pub failed: u64,
    /// Items lost because more were waiting than may.
    pub queue_full: u64,
    /// Items that ended after the shutdown.
    pub after_shutdown: u64,
}

pub(crate) struct Stats {
    signal: Signal,
    exported: AtomicU64,
    rejected: AtomicU64,
    failed: AtomicU64,
    queue_full: AtomicU64,
    after_shutdown: AtomicU64,
    /// Lost since the collector answered last.
    lost: AtomicU64,
    failing: AtomicBool,
    overflowing: AtomicBool,
    meters: OnceLock<Meters>,
}

/// <https://opentelemetry.io/docs/specs/semconv/otel/sdk-metrics/>
struct Meters {
    processed: Counter<u64>,
    exported: Counter<u64>,
    processor: [KeyValue; 2],
    exporter: [KeyValue; 2],
    /// Gone with the exporter, which then has no queue to speak of: a callback cannot be taken back.
    alive: Arc<()>,
}

impl Signal {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Logs => "logs",
        }
    }

    /// As the conventions abbreviate it.
    fn item(self) -> &'static str {
        match self {
            Self::Traces => "span",
            Self::Logs => "log",
        }
    }

    /// For descriptions, which are the SDK's own: two for one name would be a conflict.
    fn items(self) -> &'static str {
        match self {
            Self::Traces => "spans",
            Self::Logs => "log records",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Traces => "{span}",
            Self::Logs => "{log_record}",
        }
    }
}

impl Stats {
    pub(crate) fn new(signal: Signal, meter: Option<&Meter>, protocol: Protocol, max_queue_size: usize) -> Self {
        let meters = OnceLock::new();
        if let Some(meter) = meter {
            // Empty until now.
            let _ = meters.set(Meters::new(signal, meter, protocol, max_queue_size));
        }
        Self {
            signal,
            exported: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            queue_full: AtomicU64::new(0),
            after_shutdown: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            failing: AtomicBool::new(false),
            overflowing: AtomicBool::new(false),
            meters,
        }
    }

    pub(crate) fn signal(&self) -> Signal {
        self.signal
    }

    pub(crate) fn counts(&self) -> ExportCounts {
        ExportCounts {
            exported: self.exported.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            queue_full: self.queue_full.load(Ordering::Relaxed),
            after_shutdown: self.after_shutdown.load(Ordering::Relaxed),
        }
    }

    /// An item that no batch took.
    pub(crate) fn lost(&self, loss: Loss) {
        let (count, error_type) = match loss {
            Loss::QueueFull => (&self.queue_full, "queue_full"),
            Loss::AlreadyShutdown => (&self.after_shutdown, "already_shutdown"),
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Some(meters) = self.meters.get() {
            meters.processed(1, Some(error_type));
        }
        if loss == Loss::QueueFull && !self.overflowing.swap(true, Ordering::Relaxed) {
            let signal = self.signal.name();
            tracing::warn!(signal, error_type, "telemetry ends faster than it is exported; dropping it (told once)");
        }
    }

    pub(crate) fn handed_to_exporter(&self, items: usize) {
        if let Some(meters) = self.meters.get() {
            meters.processed(items as u64, None);
        }
    }

    /// An export has ended, with the number of items that the collector rejected.
    pub(crate) fn exported(&self, items: usize, result: &Result<u64, Failure>) {
        let items = items as u64;
        match result {
            Ok(rejected) => {
                let rejected = (*rejected).min(items);
                self.exported.fetch_add(items - rejected, Ordering::Relaxed);
                self.count_exported(items - rejected, None);
                if self.failing.swap(false, Ordering::Relaxed) {
                    let (signal, dropped) = (self.signal.name(), self.lost.swap(0, Ordering::Relaxed));
                    tracing::info!(signal, dropped, "the collector answers again");
                }
                if rejected > 0 {
                    self.rejected.fetch_add(rejected, Ordering::Relaxed);
                    self.count_exported(rejected, Some("rejected"));
                    let signal = self.signal.name();
                    tracing::warn!(signal, rejected, "the collector rejected a part of the telemetry");
                }
            }
            Err(failure) => {
                let error_type = failure.error_type();
                self.failed.fetch_add(items, Ordering::Relaxed);
                self.lost.fetch_add(items, Ordering::Relaxed);
                self.count_exported(items, Some(error_type));
                if !self.failing.swap(true, Ordering::Relaxed) {
                    let signal = self.signal.name();
                    tracing::warn!(
                        signal,
                        error_type,
                        "cannot export telemetry; dropping it until the collector answers (told once)"
                    );
                }
            }
        }
    }

    fn count_exported(&self, items: u64, error_type: Option<&'static str>) {
        if let Some(meters) = self.meters.get()
            && items > 0
        {
            add(&meters.exported, items, &meters.exporter, error_type);
        }
    }
}

impl Meters {
    fn new(signal: Signal, meter: &Meter, protocol: Protocol, max_queue_size: usize) -> Self {
        static INSTANCES: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];
        let item = signal.item();
        let instance = INSTANCES[usize::from(signal == Signal::Logs)].fetch_add(1, Ordering::Relaxed);
        let component = |kind: String| {
            [
                KeyValue::new("otel.component.name", format!("{kind}/{instance}")),
                KeyValue::new("otel.component.type", kind),
            ]
        };
        let protocol = match protocol {
            Protocol::Grpc => "grpc",
            Protocol::HttpProtobuf => "http",
        };
        let counter = |name: String, description: String| {
            meter.u64_counter(name).with_unit(signal.unit()).with_description(description).build()
        };
        let meters = Self {
            processed: counter(
                format!("otel.sdk.processor.{item}.processed"),
                format!(
                    "The number of {} for which the processing has finished, either successful or failed.",
                    signal.items()
                ),
            ),
            exported: counter(
                format!("otel.sdk.exporter.{item}.exported"),
                match signal {
                    Signal::Traces => "Spans whose export has ended, successfully or not.",
                    Signal::Logs => "Log records whose export has ended, successfully or not.",
                }
                .to_owned(),
            ),
            processor: component(format!("batching_{item}_processor")),
            exporter: component(format!("otlp_{protocol}_{item}_exporter")),
            alive: Arc::new(()),
        };
        // As the SDK (0.33) has it: of logs only.
        if signal == Signal::Logs {
            let capacity = i64::try_from(max_queue_size).unwrap_or(i64::MAX);
            let (alive, [name, kind]) = (Arc::downgrade(&meters.alive), meters.processor.clone());
            let labels = [kind, name];
            let _ = meter
                .i64_observable_up_down_counter("otel.sdk.processor.log.queue.capacity")
                .with_unit(signal.unit())
                .with_description(
                    "The maximum number of log records the queue of a given instance of an SDK log processor can hold.",
                )
                .with_callback(move |observer| {
                    if alive.strong_count() > 0 {
                        observer.observe(capacity, &labels);
                    }
                })
                .build();
        }
        // A loss that begins its series is no increase, which an alert does not see.
        for error_type in [None, Some("queue_full"), Some("already_shutdown")] {
            meters.processed(0, error_type);
        }
        for error_type in ["timeout", "export_failed", "rejected"] {
            add(&meters.exported, 0, &meters.exporter, Some(error_type));
        }
        meters
    }

    fn processed(&self, items: u64, error_type: Option<&'static str>) {
        add(&self.processed, items, &self.processor, error_type);
    }
}

fn add(counter: &Counter<u64>, items: u64, component: &[KeyValue; 2], error_type: Option<&'static str>) {
    let [name, kind] = component.clone();
    match error_type {
        Some(error_type) => counter.add(items, &[KeyValue::new("error.type", error_type), kind, name]),
        None => counter.add(items, &[kind, name]),
    }
}

impl std::fmt::Debug for Stats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stats").field("signal", &self.signal).field("counts", &self.counts()).finish_non_exhaustive()
    }
}
