//! What a specimen does wrong on demand, so that whoever measures it can be tested: an experiment has to notice.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};

/// What to do wrong; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FaultConfig {
    /// `SPIN_REQUEST_MICROS`: CPU time burnt in each request.
    pub(crate) spin_request: Duration,
    /// `SPIN_EXPORT_MICROS`: CPU time burnt by the exporter's thread for each batch.
    pub(crate) spin_export: Duration,
    /// `DROP_EVERY`: every so many spans one is lost before it is exported, and nobody is told.
    pub(crate) drop_every: Option<u64>,
    /// `ANSWER_SALT`: stands at the end of each answer.
    pub(crate) answer_salt: String,
    /// `DIE_AFTER`: the process ends at the request after so many.
    pub(crate) die_after: Option<u64>,
    /// `REFUSE_AFTER`: every request after so many is answered with 500.
    pub(crate) refuse_after: Option<u64>,
}

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Serve,
    /// It is refused.
    Refuse,
    /// The process ends.
    Die,
}

impl FaultConfig {
    /// What becomes of request `number`, counted from 1.
    pub(crate) fn fate(&self, number: u64) -> Fate {
        let is_over = |limit: Option<u64>| limit.is_some_and(|limit| number > limit);
        match (is_over(self.die_after), is_over(self.refuse_after)) {
            (true, _) => Fate::Die,
            (false, true) => Fate::Refuse,
            (false, false) => Fate::Serve,
        }
    }
}

/// Burns CPU time of this thread. Time during which the thread does not run is not counted, or the cost would depend on
/// who else is busy.
pub(crate) fn spin(cpu: Duration) {
    if cpu.is_zero() {
        return;
    }
    // Where the clock cannot be read, wall time has to do.
    let began = Instant::now();
    let used = || clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map(Duration::from);
    let before = used();
    let spent = || match (before, used()) {
        (Ok(before), Ok(now)) => now.saturating_sub(before),
        _ => began.elapsed(),
    };
    while spent() < cpu {
        std::hint::spin_loop();
    }
}

/// An exporter that does wrong what the settings say, and otherwise hands on what it is given.
pub(crate) struct Faulty<E> {
    exporter: E,
    faults: FaultConfig,
    spans: AtomicU64,
}

impl<E> Faulty<E> {
    pub(crate) fn new(exporter: E, faults: &FaultConfig) -> Self {
        Self { exporter, faults: faults.clone(), spans: AtomicU64::new(0) }
    }

    fn without_the_lost(&self, mut batch: Vec<SpanData>) -> Vec<SpanData> {
        if let Some(every) = self.faults.drop_every {
            batch.retain(|_| !(self.spans.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(every));
        }
        batch
    }
}

impl<E> fmt::Debug for Faulty<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty").field("faults", &self.faults).finish_non_exhaustive()
    }
}

impl<E: SpanExporter> SpanExporter for Faulty<E> {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        spin(self.faults.spin_export);
        self.exporter.export(self.without_the_lost(batch))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_after_the_limits_are_refused_and_then_deadly() {
        let faults = FaultConfig { refuse_after: Some(2), die_after: Some(4), ..FaultConfig::default() };

        let fates: Vec<Fate> = (1..=5).map(|number| faults.fate(number)).collect();

        assert_eq!(fates, [Fate::Serve, Fate::Serve, Fate::Refuse, Fate::Refuse, Fate::Die]);
    }

    #[test]
    fn spinning_takes_the_cpu_time_asked_for() {
        let used = || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap());
        let before = used();

        spin(Duration::from_millis(3));

        assert!(used().saturating_sub(before) >= Duration::from_millis(3));
    }
}
