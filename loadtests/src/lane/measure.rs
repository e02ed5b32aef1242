//! Runs the program as often as it takes.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use otelgate_harness::config::{Config, LaneConfig, ServiceConfig};
use otelgate_harness::run::{Choices, RunError};
use otelgate_harness::service::{self, ProgramError, ServiceError};

use super::round::Round;
use super::{Added, ArmFigures, CallgrindError, Counts, CountsError, Figure, KindFigures, Made, Measured, valgrind};

/// How much is done.
#[derive(Clone, Debug)]
pub struct Effort<'e> {
    /// How often everything is measured; at least 1. Only more than once has a spread.
    pub repeats: u32,
    /// Runs side by side; at least 1. Counting is not disturbed by a busy machine.
    pub side_by_side: usize,
    /// The valgrind to call.
    pub valgrind: &'e str,
    /// The processor's model.
    pub processor: &'e str,
}

/// The lane cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum LaneError {
    /// The program cannot be built.
    #[error(transparent)]
    Build(#[from] ServiceError),
    /// What it needs cannot be had.
    #[error(transparent)]
    Stack(#[from] RunError),
    /// It cannot be run, or does not end.
    #[error(transparent)]
    NotRun(#[from] ProgramError),
    /// It did not do what it should.
    #[error("`{command}`: {problem}")]
    Program {
        /// The command.
        command: String,
        /// What is wrong.
        problem: Problem,
    },
    /// Two runs that should be of the same program are not.
    #[error("the program changed while it was measured: it was made by {was}, then by {is}; do not build it meanwhile")]
    Changed {
        /// At first.
        was: String,
        /// Later.
        is: String,
    },
}

/// What is wrong with one run of the program.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It failed.
    #[error("it failed ({status}):\n{stderr}")]
    Failed {
        /// How it ended.
        status: String,
        /// What it complained of last.
        stderr: String,
    },
    /// What it printed is not what was wanted.
    #[error(transparent)]
    Counts(#[from] CountsError),
    /// There is no folder for callgrind's file.
    #[error("no temporary folder for callgrind: {0}")]
    NoFolder(std::io::Error),
    /// Callgrind left no file.
    #[error("callgrind wrote nothing: {0}")]
    NoCallgrind(std::io::Error),
    /// Its file says nothing.
    #[error("what callgrind wrote: {0}")]
    Callgrind(#[from] CallgrindError),
}

/// Builds the program and measures every kind of request, with telemetry and without.
///
/// # Errors
/// If the program cannot be built or run, does not end, or prints something else than its counts. That there is no valgrind
/// is no error: instructions are then not measured.
pub async fn measure(
    config: &Config,
    lane: &LaneConfig,
    choices: &Choices<'_>,
    effort: &Effort<'_>,
) -> Result<Measured, LaneError> {
    if !lane.build.is_empty() {
        let build = ServiceConfig { build: lane.build.clone(), ..config.service.clone() };
        service::build(&build, choices.lifeline).await?;
    }
    let found = valgrind::version(effort.valgrind, &config.service, choices.lifeline, choices.environment).await;
    let counted_by = found.as_ref().map(|_| effort.valgrind);
    let (mut kinds, mut made): (Vec<KindFigures>, Option<Counts>) = (Vec::new(), None);
    for kind in &lane.kinds {
        let arms = [false, true].into_iter().flat_map(|telemetry| (0..effort.repeats).map(move |_| telemetry));
        let samples = stream::iter(arms)
            .map(|telemetry| sample(config, lane, choices, kind, telemetry, counted_by))
            .buffered(effort.side_by_side.max(1));
        let samples: Vec<Sample> = samples.try_collect().await?;
        for sample in &samples {
            let was = made.get_or_insert_with(|| sample.counts.clone());
            if was.made_by != sample.counts.made_by {
                return Err(LaneError::Changed { was: was.made_by.clone(), is: sample.counts.made_by.clone() });
            }
        }
        let (off, on) = samples.split_at(samples.len() / 2);
        kinds.push(KindFigures { kind: kind.to_owned(), on: arm(on), off: arm(off), added: added(on, off) });
    }
    let (made_by, with) = made.map(|counts| (counts.made_by, counts.with)).unwrap_or_default();
    let made = Made {
        made_by,
        with,
        valgrind: found,
        processor: effort.processor.to_owned(),
        requests: lane.requests,
        repeats: effort.repeats,
    };
    Ok(Measured { made, kinds })
}

/// One measurement of one arm: what a request costs.
struct Sample {
    /// Of the longer run, for what made it.
    counts: Counts,
    instructions: Option<f64>,
    allocations: Option<f64>,
    allocated_bytes: Option<f64>,
    spans: f64,
    span_bytes: f64,
    log_bytes: Option<f64>,
}

/// Runs the program with `n` requests and with `2n`; what the second half cost, start-up not in it, is divided by `n`.
async fn sample(
    config: &Config,
    lane: &LaneConfig,
    choices: &Choices<'_>,
    kind: &str,
    telemetry: bool,
    valgrind: Option<&str>,
) -> Result<Sample, LaneError> {
    let round = |requests| Round { kind: kind.to_owned(), telemetry, requests };
    let (once, twice) = (round(lane.requests), round(lane.requests.saturating_mul(2)));
    let less = once.counts(config, lane, choices).await?;
    let more = twice.counts(config, lane, choices).await?;
    let per_request = |less: u64, more: u64| difference(less, more) / f64::from(lane.requests);
    let optional = |less: Option<u64>, more: Option<u64>| Some(per_request(less?, more?));
    let instructions = match valgrind {
        Some(valgrind) => {
            let less = once.instructions(config, lane, choices, valgrind).await?;
            let more = twice.instructions(config, lane, choices, valgrind).await?;
            Some(per_request(less, more))
        }
        None => None,
    };
    Ok(Sample {
        instructions,
        allocations: optional(less.allocations, more.allocations),
        allocated_bytes: optional(less.allocated_bytes, more.allocated_bytes),
        spans: per_request(less.spans, more.spans),
        span_bytes: per_request(less.otlp_span_bytes, more.otlp_span_bytes),
        log_bytes: optional(less.otlp_log_bytes, more.otlp_log_bytes),
        counts: more,
    })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn difference(less: u64, more: u64) -> f64 {
    more as f64 - less as f64
}

fn figure(samples: &[Sample], of: impl Fn(&Sample) -> Option<f64>) -> Option<Figure> {
    Figure::of(samples.iter().map(of).collect::<Option<Vec<f64>>>()?)
}

fn arm(samples: &[Sample]) -> ArmFigures {
    let median = |of: fn(&Sample) -> Option<f64>| figure(samples, of).map(|figure| figure.value);
    ArmFigures {
        instructions: figure(samples, |sample| sample.instructions),
        allocations: figure(samples, |sample| sample.allocations),
        allocated_bytes: figure(samples, |sample| sample.allocated_bytes),
        spans: median(|sample| Some(sample.spans)).unwrap_or_default(),
        otlp_bytes_per_span: median(|sample| (sample.spans > 0.0).then(|| sample.span_bytes / sample.spans)),
        otlp_log_bytes: median(|sample| sample.log_bytes),
    }
}

fn added(on: &[Sample], off: &[Sample]) -> Added {
    let added = |of: fn(&Sample) -> Option<f64>| {
        let pairs = on.iter().zip(off);
        Figure::of(pairs.map(|(on, off)| Some(of(on)? - of(off)?)).collect::<Option<Vec<f64>>>()?)
    };
    Added {
        instructions: added(|sample| sample.instructions),
        allocations: added(|sample| sample.allocations),
        allocated_bytes: added(|sample| sample.allocated_bytes),
    }
}
