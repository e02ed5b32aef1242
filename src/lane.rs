//! `otelgate lane`

use otelgate_harness::config::{self, Config, LaneConfig};
use otelgate_harness::finding::Verdict;
use otelgate_harness::run::Choices;
use otelgate_loadtests::lane::{self, Baseline, Effort, LaneError, LaneOutcome, LaneVerdict, Measured};
use otelgate_loadtests::overhead::outcome::Machine;

use crate::cli::{Format, Lane, Output};
use crate::exit::Failure;
use crate::{interrupt, output, reaper, verify};

/// How often everything is measured for a baseline: often enough to see how far figures vary.
const REPEATS_OF_BASELINE: u32 = 3;

/// Measures, and compares with the baseline or makes it.
pub(crate) async fn run(options: &Lane, format: &Output) -> Result<Option<Verdict>, Failure> {
    let stop = interrupt::interrupted();
    if !matches!(format.format, Format::Text | Format::Json) {
        return Err(Failure::Usage("`lane` prints `--format text` or `--format json`".to_owned()));
    }
    let config = config::read(&options.config).map_err(|error| Failure::Usage(error.to_string()))?;
    let lane = of_config(&config, options)?;
    // A baseline that is damaged is told before a minute has passed; one that is to be replaced need not be read.
    let baseline = if options.renew { None } else { Baseline::read(&lane.baseline).map_err(usage)? };
    let measured = tokio::select! {
        measured = measure(&config, &lane, options) => measured?,
        signal = stop => return Err(Failure::Interrupted(format!("{signal}: nothing was compared"))),
    };
    if options.renew {
        return renew(measured, &lane, format);
    }
    let outcome = lane::judge(measured, baseline.as_ref(), lane.tolerance / 100.0);
    print(&outcome, format)?;
    match outcome.verdict {
        LaneVerdict::Pass => Ok(Some(Verdict::Pass)),
        LaneVerdict::Regressed => Ok(Some(Verdict::Fail)),
        LaneVerdict::Incomparable | LaneVerdict::NotMeasured => {
            Err(Failure::Undecided(format!("the lane proves nothing here: {}", outcome.verdict)))
        }
    }
}

fn of_config(config: &Config, options: &Lane) -> Result<LaneConfig, Failure> {
    let mut lane = config.lane.clone().ok_or_else(|| {
        let file = options.config.display();
        Failure::Usage(format!("{file}: has no `lane`; docs/LANE.md says how a service gets one"))
    })?;
    if let Some(command) = &options.program {
        lane.build.clear();
        lane.command = command.split_whitespace().map(str::to_owned).collect();
    }
    Ok(lane)
}

async fn measure(config: &Config, lane: &LaneConfig, options: &Lane) -> Result<Measured, Failure> {
    let lifeline = reaper::start()?;
    let environment = |name: &str| std::env::var(name).ok();
    let choices = Choices { exchanges: false, ..Choices::embedded(&lifeline, &environment) };
    let effort = Effort {
        repeats: options.repeats.unwrap_or(if options.renew { REPEATS_OF_BASELINE } else { 1 }),
        side_by_side: std::thread::available_parallelism().map_or(1, usize::from),
        valgrind: &options.valgrind,
        processor: &Machine::this().processor,
    };
    lane::measure(config, lane, &choices, &effort).await.map_err(|error| match error {
        LaneError::Stack(error) => verify::failure(error),
        other => Failure::Environment(other.to_string()),
    })
}

/// Keeps what was measured. Without instructions it would be a baseline that never finds anything.
fn renew(measured: Measured, lane: &LaneConfig, format: &Output) -> Result<Option<Verdict>, Failure> {
    if measured.made.valgrind.is_none() {
        let what = "the baseline was not renewed: there is no valgrind, so instructions were not measured; install it";
        return Err(Failure::Undecided(what.to_owned()));
    }
    let baseline = Baseline::new(measured.clone());
    baseline.write(&lane.baseline).map_err(usage)?;
    print(&lane::judge(measured, Some(&baseline), lane.tolerance / 100.0), format)?;
    Ok(None)
}

fn print(outcome: &LaneOutcome, format: &Output) -> Result<(), Failure> {
    output::write(|out| match format.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, outcome)?;
            writeln!(out)
        }
        _ => lane::print(outcome, out),
    })
}

#[expect(clippy::needless_pass_by_value, reason = "the shape `map_err` wants")]
fn usage(error: lane::BaselineError) -> Failure {
    Failure::Usage(error.to_string())
}
