//! What one launch saw: a line of the ledger.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// One launch: all arms started afresh, driven side by side, stopped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Launch {
    /// The run it is part of.
    pub run: String,
    /// Its number in that run, from 1; a confirmation counts on.
    pub number: u32,
    /// Whether it is part of the independent second run that confirms a FAIL.
    #[serde(default)]
    pub confirmation: bool,
    /// When it began, in milliseconds since the Unix epoch.
    pub began_unix_ms: u64,
    /// How long requests were measured, in milliseconds.
    pub measured_ms: u64,
    /// What each arm did, in the order in which they were started.
    pub arms: Vec<ArmRecord>,
    /// CPU time of the driver's thread while requests were measured, in nanoseconds.
    pub driver_cpu_ns: u64,
    /// CPU time of the OTLP receiver meanwhile, in nanoseconds: the collector tax, not part of any arm.
    pub sink_cpu_ns: u64,
    /// CPU time of the other stand-ins meanwhile, in nanoseconds.
    pub stubs_cpu_ns: u64,
    /// Why it proves nothing; empty if it is valid.
    #[serde(default)]
    pub invalid: Vec<Invalid>,
}

/// What one arm did in one launch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArmRecord {
    /// Its name.
    pub arm: String,
    /// Requests answered while measured.
    pub requests: u64,
    /// CPU time of the whole process for them, until all their telemetry had arrived, in nanoseconds.
    pub cpu_ns: u64,
    /// Spans of those requests that arrived.
    pub spans: u64,
    /// Spans that should have.
    pub spans_expected: u64,
    /// Log records of those requests that arrived over OTLP.
    pub logs: u64,
    /// Resident memory at the end, in bytes; 0 where it cannot be read.
    pub rss_bytes: u64,
    /// Time to the end of the answer's body, in microseconds.
    pub latency: Latencies,
}

/// A distribution of latencies, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Latencies {
    /// Mean.
    pub mean: f64,
    /// Median.
    pub p50: u64,
    /// 95th percentile.
    pub p95: u64,
    /// 99th percentile.
    pub p99: u64,
    /// Largest.
    pub max: u64,
}

impl Latencies {
    /// The figures of a histogram in microseconds.
    #[must_use]
    pub fn of(histogram: &Histogram<u64>) -> Self {
        Self {
            mean: histogram.mean(),
            p50: histogram.value_at_quantile(0.5),
            p95: histogram.value_at_quantile(0.95),
            p99: histogram.value_at_quantile(0.99),
            max: histogram.max(),
        }
    }
}

/// Why a launch, or a run, proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid {
    /// Which of the validity checks.
    pub rule: Rule,
    /// The arm it concerns, if one.
    pub arm: Option<String>,
    /// What was found, what was wanted, and what to do.
    pub message: String,
}

/// A validity check. Any that does not hold makes a run INVALID, never PASS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// An answer was not what the workload calls good.
    BadAnswer,
    /// Two arms answered the same request differently.
    AnswersDiffer,
    /// Spans are missing: dropped spans look like low overhead.
    SpansLost,
    /// Spans arrived that nobody can explain, or from an arm that must not send any.
    SpansUnexplained,
    /// Two arms did not do the same work.
    RequestsDiffer,
    /// Fewer requests than a launch needs.
    TooFewRequests,
    /// An arm was not there at the end.
    ArmDied,
    /// Two identical arms differ.
    AaDiffers,
    /// A figure could not be had: a missing measure is a failure, never a zero.
    NotMeasured,
}

impl Launch {
    /// CPU time a request of an arm, in nanoseconds; `None` if it is not there or answered nothing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn cpu_per_request(&self, arm: &str) -> Option<f64> {
        let record = self.arm(arm).filter(|record| record.requests > 0 && record.cpu_ns > 0)?;
        Some(record.cpu_ns as f64 / record.requests as f64)
    }

    /// The natural logarithm of what a request costs in `arm` over what it costs in `baseline`.
    #[must_use]
    pub fn log_ratio(&self, arm: &str, baseline: &str) -> Option<f64> {
        Some((self.cpu_per_request(arm)? / self.cpu_per_request(baseline)?).ln())
    }

    /// The natural logarithm of what a request costs in `arm` over the geometric mean of what it costs in two identical
    /// arms. Where all arms are equally noisy its variance is three quarters of that of [`log_ratio`](Self::log_ratio). It says
    /// nothing of the difference of the two, by which they are found to be identical: mean and difference of independent
    /// normal variables of one variance are independent.
    #[must_use]
    pub fn log_ratio_to_both(&self, arm: &str, [baseline, same]: [&str; 2]) -> Option<f64> {
        Some(self.log_ratio(arm, baseline)? - self.log_ratio(same, baseline)? / 2.0)
    }

    /// What an arm did.
    #[must_use]
    pub fn arm(&self, name: &str) -> Option<&ArmRecord> {
        self.arms.iter().find(|record| record.arm == name)
    }
}
