//! What was counted during a load, each number by somebody else.

use serde::{Deserialize, Serialize};

use super::Roots;

/// All that was counted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    /// By the driver.
    pub requests: Requests,
    /// By the receiver, trace for trace; `None` if there is no receiver of ours or the service makes no traces now.
    pub roots: Option<Roots>,
    /// By how much the histogram of requests grew; `None` if there is none.
    pub histogram: Option<u64>,
    /// By what the service printed; `None` if nothing was said about it.
    pub lines: Option<Lines>,
    /// By the service's own SDK, since its start; `None` if it has no such metrics.
    pub sdk: Option<Sdk>,
    /// By the receiver, since the service's start; `None` if there is no receiver of ours.
    pub received: Option<Received>,
}

/// The driver's count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// Requests begun.
    pub sent: u64,
    /// Of those, read to the end of a good answer.
    pub answered: u64,
    /// Read to the end of an answer of a status that is not good.
    pub bad: u64,
    /// Without an answer that could be read to its end: refused, cut off, too late.
    pub broken: u64,
}

/// Log lines of requests that were to be logged, by the trace id on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// Good answers to requests that are logged.
    pub wanted: u64,
    /// Of those, with exactly one line.
    pub once: u64,
    /// With none.
    pub missing: u64,
    /// With more than one.
    pub more: u64,
}

/// Spans, as the service's SDK counts them, of all traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sdk {
    /// `otel.sdk.processor.span.processed` without an error: handed to the exporter.
    pub handed: u64,
    /// The same with an error: `queue_full`, or ended after the shutdown.
    pub queue_full: u64,
    /// `otel.sdk.exporter.span.exported` without an error; `None` if the service does not count exports.
    pub exported: Option<u64>,
    /// The same with an error: failed or timed out.
    pub failed: u64,
}

/// What the receiver has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Spans, of all traces, until the counters of [`Sdk`] were read.
    pub spans: u64,
    /// Requests it refused for what they were.
    pub refused: u64,
    /// Why it refused the first.
    pub reason: Option<String>,
}

impl Sdk {
    /// Spans that the service says it dropped.
    #[must_use]
    pub fn declared(&self) -> u64 {
        self.queue_full + self.failed
    }

    /// Spans that the service says it made.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.handed + self.queue_full
    }
}
