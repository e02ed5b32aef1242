//! `otelgate overhead`

mod against;
pub(crate) mod print;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use otelgate_harness::config::{Config, InVerify, OverheadConfig};
use otelgate_harness::finding::Verdict;
use otelgate_harness::service;
use otelgate_loadtests::duet::Stop;
use otelgate_loadtests::overhead::arm::Arm;
use otelgate_loadtests::overhead::latency::LatencyPlan;
use otelgate_loadtests::overhead::outcome::{Outcome, OverheadVerdict, Protocol};
use otelgate_loadtests::overhead::plan::{LEVEL, LOOKS};
use otelgate_loadtests::overhead::run::{OverheadError, Progress as Step, Ran};
use otelgate_loadtests::overhead::verdict::Arms;
use otelgate_loadtests::overhead::{Bench, LaunchError, against as judged_against, calibrate, ledger};
use otelgate_loadtests::report;
use otelgate_loadtests::stats::looks::level_for;
use otelgate_loadtests::workload::{self, Workload};

use self::against::Other;
use crate::cli::{self, ConfigFile, Format, Output};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::verify::{failure, read_config};
use crate::{interrupt, output, reaper};

/// Looks of a quick run.
const QUICK_LOOKS: [u32; 2] = [3, 5];
/// How long requests are measured in each launch, in milliseconds. Launches of four seconds differ from each other as much.
const MEASURED_MS: u64 = 2_000;
/// How long they are sent before that, in milliseconds; never longer than they are measured.
const WARM_UP_MS: u64 = 1_000;
/// How long an answer may take, whatever is measured.
const PATIENCE: Duration = Duration::from_secs(20);
/// Latency with instant answers: rounds, and how long each is. The hundredth that its p99 goes by is a few requests a second,
/// and differs from round to round: many of both.
const LATENCY: (u32, Duration) = (12, Duration::from_secs(5));
/// The same with the delays of production, beside which nothing else varies.
const DELAYED: (u32, Duration) = (5, Duration::from_secs(4));

/// Measures what telemetry costs, and judges it.
pub(crate) async fn run(options: &cli::Overhead, format: &Output) -> Result<Option<Verdict>, Failure> {
    let config = read_config(&options.file)?;
    let overhead = section(&config, &options.file)?;
    let order = Order::new(options, overhead)?;
    if options.calibrate {
        return tell_calibration(&order, format);
    }
    let stop = interrupt::interrupted();
    let progress = Progress::new(format);
    let taken = Box::pin(take(&config, order, options, &progress, async {
        let _name = stop.await;
    }))
    .await;
    progress.done();
    let (ran, collected) = taken?;
    if let Some(path) = collected {
        let launches = ran.outcome.launches.len();
        output::write(|out| writeln!(out, "{launches} launches are in {}", path.display()))?;
    } else {
        print::outcome(&ran.outcome, format)?;
        if options.compare.is_some() && format.format == Format::Text {
            output::write(|out| writeln!(out, "\n{}", print::comparison(&ran.outcome)))?;
        }
    }
    if let Some(path) = &options.html {
        print::page(&ran.outcome, None, path)?;
    }
    ending(ran, options)
}

/// The quick look that is part of `verify`.
pub(crate) struct QuickLook {
    order: Order,
    options: cli::Overhead,
    /// What a cost above the budget does to the verdict.
    pub(crate) gates: bool,
}

impl QuickLook {
    /// A look as the configuration wants it, if it wants one.
    pub(crate) fn new(config: &Config) -> Result<Option<Self>, Failure> {
        let Some(overhead) = config.overhead.as_ref().filter(|overhead| overhead.in_verify != InVerify::Skip) else {
            return Ok(None);
        };
        let options = cli::Overhead { quick: true, no_latency: true, ..cli::Overhead::default() };
        let order = Order::new(&options, overhead)?;
        Ok(Some(Self { order, options, gates: overhead.in_verify == InVerify::Gate }))
    }

    /// Takes it. The service has been built.
    pub(crate) async fn take(
        self,
        config: &Config,
        progress: &Progress,
        stopped: impl Future<Output = ()>,
    ) -> Result<Outcome, Failure> {
        let mut config = config.clone();
        config.service.build.clear();
        let (ran, _) = Box::pin(take(&config, self.order, &self.options, progress, stopped)).await?;
        match ran.ended_by {
            _ if ran.interrupted => {
                Err(Failure::Interrupted("interrupted during the quick look at the cost".to_owned()))
            }
            Some(error) => Err(failed(error)),
            None => Ok(ran.outcome),
        }
    }
}

/// Tells what a quick look saw; whether that is a cost above the budget. It goes to standard error if standard output is for
/// a program.
pub(crate) fn tell_look(outcome: &Outcome, gates: bool, format: &Output) -> Result<bool, Failure> {
    let above = outcome.verdict == OverheadVerdict::Fail;
    let mut text = report::one_line(outcome);
    for line in outcome.reasons.iter().chain(&outcome.help) {
        text.push_str("\n  ");
        text.push_str(line);
    }
    if above && !gates {
        text.push_str("\n  told, not judged: `overhead.in-verify: gate` makes it part of the verdict");
    }
    if format.format == Format::Text {
        output::write(|out| writeln!(out, "\n{text}"))?;
    } else {
        output::note(&text);
    }
    Ok(above)
}

/// What is to be measured.
struct Order {
    protocol: Protocol,
    arms: Vec<Arm>,
    workload: Arc<Workload>,
    ledger: PathBuf,
    delays: Option<otelgate_harness::scenario::Given>,
    overhead: OverheadConfig,
}

impl Order {
    fn new(options: &cli::Overhead, overhead: &OverheadConfig) -> Result<Self, Failure> {
        let budget = options.budget.unwrap_or(overhead.budget);
        if let Some(problem) = OverheadConfig::budget_problem(budget) {
            return Err(Failure::Usage(problem));
        }
        let mut overhead = overhead.clone();
        if let Some(name) = &options.on {
            let variables = Arm::variables(name, &overhead).map_err(|error| Failure::Usage(error.to_string()))?;
            overhead.on = variables.clone();
        }
        let workload = workload::read(&overhead.workload).map_err(|error| Failure::Usage(error.to_string()))?;
        let mut names = options.arms.clone();
        if options.compare.is_some() {
            names.extend(overhead.arms.keys().cloned());
            names.dedup();
        }
        let mut arms = Arm::standard(&overhead);
        arms.extend(Arm::named(&names, &overhead).map_err(|error| Failure::Usage(error.to_string()))?);
        if options.collect.is_some() {
            arms.push(Arm::on_again(&overhead));
        }
        let fixed = options.compare.or(options.collect);
        if fixed == Some(0) {
            return Err(Failure::Usage("0 launches measure nothing: give at least 2".to_owned()));
        }
        let looks = match fixed {
            Some(launches) => vec![launches],
            None if options.quick => QUICK_LOOKS.to_vec(),
            None => LOOKS.to_vec(),
        };
        let level = level_for(0.01, &looks).unwrap_or(LEVEL);
        let measured_ms = measured_ms(options.seconds)?;
        let protocol = Protocol {
            budget: budget / 100.0,
            level: if looks == LOOKS { LEVEL } else { level },
            looks,
            measured_ms,
            warm_up_ms: WARM_UP_MS.min(measured_ms),
            concurrency: workload.concurrency,
            seed: options.seed.unwrap_or_else(clock_seed),
            confirm: fixed.is_none(),
        };
        let delays = (!overhead.delays.is_empty()).then(|| overhead.delays.clone());
        let ledger = options.ledger.clone().unwrap_or_else(|| overhead.ledger.clone());
        Ok(Self { protocol, arms, workload: Arc::new(workload), ledger, delays, overhead })
    }
}

fn measured_ms(seconds: Option<f64>) -> Result<u64, Failure> {
    match seconds {
        None => Ok(MEASURED_MS),
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 100 and 600,000")]
        Some(seconds) if (0.1..=600.0).contains(&seconds) => Ok((seconds * 1000.0) as u64),
        Some(seconds) => Err(Failure::Usage(format!("launches of {seconds} s cannot be made: give 0.1 to 600"))),
    }
}

fn clock_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::from(time.subsec_nanos()) ^ time.as_secs())
}

fn section<'c>(config: &'c Config, file: &ConfigFile) -> Result<&'c OverheadConfig, Failure> {
    config.overhead.as_ref().ok_or_else(|| {
        let file = file.config.display();
        Failure::Usage(format!(
            "{file}: has no `overhead`: say at least which requests to send (`workload`) and how telemetry is switched off \
             (`off`); docs/OVERHEAD.md has an example"
        ))
    })
}

/// Builds, launches, judges; what it found, and the ledger if launches were only collected.
async fn take(
    config: &Config,
    mut order: Order,
    options: &cli::Overhead,
    progress: &Progress,
    stopped: impl Future<Output = ()>,
) -> Result<(Ran, Option<PathBuf>), Failure> {
    tokio::pin!(stopped);
    let early = || Failure::Interrupted("interrupted before anything was measured".to_owned());
    let lifeline = reaper::start()?;
    let environment = |name: &str| std::env::var(name).ok();
    let mut other = None;
    let prepared = async {
        if !config.service.build.is_empty() {
            progress.say(&format!("building the service: {}", config.service.build.join(" ")));
            service::build(&config.service, &lifeline)
                .await
                .map_err(|error| Failure::Environment(error.to_string()))?;
        }
        if let Some(rev) = &options.against {
            progress.say(&format!("building the service of {rev}"));
            other = Some(Other::build(config, rev, &lifeline).await?);
        }
        Ok::<(), Failure>(())
    };
    tokio::select! {
        prepared = prepared => prepared?,
        () = &mut stopped => return Err(early()),
    }
    if let Some(other) = &other {
        order.arms.extend(Arm::at(&other.rev, other.directory(), &order.overhead));
    }
    let sink = sink()?;
    let run = format!("{:016x}", order.protocol.seed ^ clock_seed().rotate_left(32));
    let bench = Bench {
        config,
        arms: &order.arms,
        workload: order.workload.clone(),
        protocol: &order.protocol,
        patience: PATIENCE,
        run: &run,
        environment: &environment,
        lifeline: &lifeline,
        sink: sink.handle(),
    };
    let mut tell = |step| progress.say(&text(step));
    let ran = bench.run(Some(&order.ledger), &mut tell, stopped.as_mut()).await;
    let mut ran = ran.map_err(failed)?;
    ran.outcome.on_is.clone_from(&options.on);
    if let Some(other) = &other {
        judged_against::judge(&mut ran.outcome, &other.rev);
    }
    let measured = !ran.interrupted && ran.ended_by.is_none() && ran.outcome.verdict != OverheadVerdict::Invalid;
    if measured && options.collect.is_none() && !options.no_latency && !options.quick {
        tokio::select! {
            latency = latency(&bench, order.delays.take(), &mut ran, progress) => latency?,
            () = stopped => ran.interrupted = true,
        }
    }
    // Nothing waits for its tasks: the receivers they served are gone.
    sink.shutdown_background();
    Ok((ran, options.collect.map(|_| order.ledger)))
}

/// The receivers' runtime: of one thread, whose CPU time can be told.
fn sink() -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).thread_name("otlp-receiver").enable_all();
    builder.build().map_err(|error| Failure::Environment(format!("no thread for the OTLP receiver: {error}")))
}

/// Latency with instant answers, and with those of production if they are known.
async fn latency(
    bench: &Bench<'_>,
    delays: Option<otelgate_harness::scenario::Given>,
    ran: &mut Ran,
    progress: &Progress,
) -> Result<(), Failure> {
    let two = &bench.arms[..2];
    let bench = Bench { arms: two, workload: bench.workload.clone(), ..*bench };
    let plan =
        |name: &str, given, (rounds, length)| LatencyPlan { name: name.to_owned(), given, rounds, length, rate: None };
    let instant = plan("no model delay", otelgate_harness::scenario::Given::default(), LATENCY);
    let delayed = delays.map(|given| plan("recorded delays", given, DELAYED));
    for plan in std::iter::once(instant).chain(delayed) {
        progress.say(&format!("latency at a fixed rate of arrival, {}", plan.name));
        let measured = Box::pin(bench.latency(&plan, &Stop::default())).await;
        let measured = measured.map_err(|error| failed(error.into()))?;
        ran.outcome.latency.push(measured.outcome);
        ran.outcome.invalid.extend(measured.invalid);
    }
    Ok(())
}

fn text(step: Step) -> String {
    match step {
        Step::Launch { number, of, confirmation: false } => format!("launch {number} of at most {of}"),
        Step::Launch { number, confirmation: true, .. } => format!("launch {number}, to confirm a FAIL"),
        Step::Launched { log_ratio: Some(ratio) } => format!("it cost {:+.1} %", 100.0 * ratio.exp_m1()),
        Step::Launched { log_ratio: None } => "it could not be measured".to_owned(),
    }
}

/// How the command ends.
fn ending(ran: Ran, options: &cli::Overhead) -> Result<Option<Verdict>, Failure> {
    let launches = ran.outcome.launches.len();
    if ran.interrupted {
        return Err(Failure::Interrupted(format!("interrupted after {launches} launches; they are in the ledger")));
    }
    if let Some(error) = ran.ended_by {
        return Err(failed(error));
    }
    match ran.outcome.verdict {
        OverheadVerdict::Invalid => Err(Failure::Undecided("INVALID: the measurement proves nothing".to_owned())),
        // Nothing was to be judged.
        _ if options.collect.is_some() || options.compare.is_some() => Ok(None),
        OverheadVerdict::Pass => Ok(Some(Verdict::Pass)),
        OverheadVerdict::Fail => Ok(Some(Verdict::Fail)),
        OverheadVerdict::Inconclusive => {
            Err(Failure::Undecided("INCONCLUSIVE: neither within the budget nor above it, so far".to_owned()))
        }
    }
}

/// Whose fault it is that an experiment could not be made.
fn failed(error: OverheadError) -> Failure {
    match error {
        OverheadError::Plan(error) => Failure::Usage(error.to_string()),
        OverheadError::Launch(LaunchError::Arm { arm, source }) => match failure(source) {
            Failure::Usage(text) => Failure::Usage(format!("arm `{arm}`: {text}")),
            other => Failure::Environment(format!("arm `{arm}`: {}", other.text())),
        },
        OverheadError::Launch(error) => Failure::Environment(error.to_string()),
        OverheadError::Ledger(error) => Failure::Environment(error.to_string()),
    }
}

/// From the launches there are, how often the gate is wrong and what it sees.
fn tell_calibration(order: &Order, format: &Output) -> Result<Option<Verdict>, Failure> {
    let kept = ledger::read(&order.ledger).map_err(|error| Failure::Usage(error.to_string()))?;
    for damage in &kept.damage {
        output::error(&damage.to_string());
    }
    let settings = calibrate::Settings::default();
    let found = calibrate::calibrate(&kept.launches, &order.protocol, &Arms::default(), &settings)
        .map_err(|error| Failure::Undecided(error.to_string()))?;
    match format.format {
        Format::Json => {
            let text = serde_json::to_string_pretty(&found).map_err(|error| Failure::Environment(error.to_string()))?;
            output::write(|out| writeln!(out, "{text}"))?;
        }
        _ => output::write(|out| write!(out, "{}", calibrate::markdown(&found)))?,
    }
    Ok(None)
}
