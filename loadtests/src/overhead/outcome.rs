//! What an experiment found, as reports read it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lane::LaneOutcome;

use super::record::{Invalid, Latencies, Launch};

/// What an experiment found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its run.
    pub run: String,
    /// The service.
    pub service: String,
    /// The workload.
    pub workload: String,
    /// Version of otelgate.
    pub otelgate: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub began_unix_ms: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// What it ran on.
    pub machine: Machine,
    /// How it was made.
    pub protocol: Protocol,
    /// The verdict.
    pub verdict: OverheadVerdict,
    /// Why, in sentences; at least one unless it is PASS or FAIL by the interval alone.
    pub reasons: Vec<String>,
    /// What a person could do to get a verdict, if there is none.
    pub help: Vec<String>,
    /// Cost of the main arm over the baseline; `None` if nothing was measured.
    pub cost: Option<Cost>,
    /// Difference of two identical arms: 0 is what it should be.
    pub same: Option<Effect>,
    /// Standard deviation over launches of the log-ratio of two identical arms.
    pub same_sd: Option<f64>,
    /// The smallest cost above the budget, as a fraction, that the run would have told from it.
    pub detectable: Option<f64>,
    /// Every look of the first run, then of the confirmation.
    pub looks: Vec<Look>,
    /// Each arm against the baseline, the baseline first.
    pub arms: Vec<ArmOutcome>,
    /// Which validity checks did not hold.
    pub invalid: Vec<Invalid>,
    /// Every launch.
    pub launches: Vec<Launch>,
    /// Latency at a fixed rate of arrival, if it was measured.
    pub latency: Vec<LatencyOutcome>,
    /// Which of `overhead.arms` took the place of `overhead.on`, if one did: the arm that is called `on`.
    #[serde(default)]
    pub on_is: Option<String>,
    /// How the cost has changed since another commit, if that was asked.
    #[serde(default)]
    pub against: Option<super::against::Against>,
    /// The deterministic lane, if it was asked for.
    pub lane: Option<LaneOutcome>,
}

/// The verdict on a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum OverheadVerdict {
    /// The whole interval is below the budget.
    Pass,
    /// The whole interval is above the budget, twice.
    Fail,
    /// Neither.
    Inconclusive,
    /// The measurement proves nothing.
    Invalid,
}

impl fmt::Display for OverheadVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
            Self::Invalid => "INVALID",
        })
    }
}

/// An effect relative to a baseline, as fractions: 0.024 is 2.4 % more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Best guess.
    pub estimate: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
}

/// What telemetry costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Relative to the baseline.
    pub effect: Effect,
    /// Confidence of the interval, such as 0.99.
    pub confidence: f64,
    /// CPU time it adds to a request, in microseconds.
    pub micros_per_request: f64,
    /// CPU time it adds for each span, in microseconds; `None` without spans.
    pub micros_per_span: Option<f64>,
    /// Spans a request.
    pub spans_per_request: f64,
    /// p of the exact sign-flip test of "costs exactly the budget", two-sided.
    pub sign_flip_p: f64,
}

/// One look at the launches so far.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// After how many launches.
    pub launches: u32,
    /// Whether it is part of the confirmation.
    pub confirmation: bool,
    /// Interval at this look.
    pub effect: Effect,
    /// What it decided: PASS, FAIL, or INCONCLUSIVE for going on.
    pub decided: OverheadVerdict,
}

/// How an experiment is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Protocol {
    /// The budget, as a fraction.
    pub budget: f64,
    /// After how many launches it is looked.
    pub looks: Vec<u32>,
    /// One-sided level of each look.
    pub level: f64,
    /// How long requests are measured in a launch, in milliseconds.
    pub measured_ms: u64,
    /// How long before that they are not, in milliseconds.
    pub warm_up_ms: u64,
    /// Requests open at once.
    pub concurrency: usize,
    /// Of the choice of requests and of orders.
    pub seed: u64,
    /// Whether a FAIL has to be confirmed by a second run.
    pub confirm: bool,
}

impl Protocol {
    /// The main arm.
    pub const ON: &'static str = "on";
    /// The baseline.
    pub const OFF: &'static str = "off";
    /// The baseline once more: the difference of the two is the noise.
    pub const SAME: &'static str = "off again";
}

/// What an arm cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArmOutcome {
    /// Its name.
    pub arm: String,
    /// The variables in which it differs from `service.env`.
    pub env: BTreeMap<String, String>,
    /// Relative to the baseline; `None` for the baseline itself.
    pub effect: Option<Effect>,
    /// By how much less than [`Protocol::ON`] it costs, as a fraction of the baseline: the share of what it leaves out.
    /// `None` for the arms that every run has.
    #[serde(default)]
    pub spared: Option<Effect>,
    /// Mean CPU time a request over launches, in microseconds.
    pub micros_per_request: f64,
    /// Spans a request that arrived.
    pub spans_per_request: f64,
    /// Spans that arrived over those that should have; 1 if none should.
    pub delivered: f64,
    /// Largest resident memory of all launches, in bytes.
    pub rss_bytes: u64,
}

/// Latency at a fixed rate of arrival, ON against OFF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyOutcome {
    /// What was delayed: "no model delay", "recorded delays".
    pub name: String,
    /// Requests a second to each arm.
    pub rate: f64,
    /// Rounds; each starts all arms afresh.
    pub rounds: u32,
    /// Each arm, over all rounds.
    pub arms: Vec<LatencyArm>,
    /// Each quantile of ON over that of OFF, paired by round.
    pub ratios: Vec<LatencyRatio>,
}

/// The latencies of one arm.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyArm {
    /// Its name.
    pub arm: String,
    /// Requests answered.
    pub requests: u64,
    /// The main figures.
    pub latency: Latencies,
    /// The distribution: quantiles (0 to 1) and latencies in microseconds, ascending.
    pub curve: Vec<(f64, u64)>,
}

/// A quantile of ON over that of OFF.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatencyRatio {
    /// 0.5, 0.95, 0.99.
    pub quantile: f64,
    /// ON over OFF.
    pub effect: Effect,
}

/// What an experiment ran on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processors this process may use.
    pub cores: usize,
    /// Their model, as far as known.
    pub processor: String,
    /// Operating system and kernel.
    pub system: String,
}
