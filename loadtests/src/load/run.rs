//! All phases and trials, one launch after another.

use otelgate_harness::config::{Config, Trial};
use otelgate_harness::run::{Choices, Event, RunError};
use otelgate_harness::stack::StackError;
use otelgate_harness::stack::containers::Kept;

use super::attack::Force;
use super::budgets::budgets;
use super::phase::{Launch, Setup, Step};
use super::report::{LoadReport, PhaseReport};
use super::trial::{died, memory, trial};
use super::{LoadError, Plan};
use crate::conservation::{Judgement, judge};

/// What is going on.
#[derive(Clone, Debug)]
pub enum Progress {
    /// A step of the stack or the service.
    Run(Event),
    /// A phase or trial begins.
    Phase {
        /// Its name.
        name: String,
        /// Its position, from 0.
        at: usize,
        /// How many there are.
        of: usize,
    },
    /// Containers that were left up because that was asked for.
    Kept(Kept),
    /// What is left of a stack although it was to be removed.
    Left(String),
}

/// Runs all phases of `plan`, then `trials`, each against a service and stack of its own.
///
/// When `stop` completes, the load ends early and in good order; what was measured until then is in the report.
///
/// # Errors
/// If a stack or service cannot be started or stopped, or the plan cannot be driven.
pub async fn run(
    plan: &Plan,
    config: &Config,
    choices: &Choices<'_>,
    trials: &[Trial],
    tell: &mut dyn FnMut(Progress),
    stop: impl Future<Output = &'static str>,
) -> Result<LoadReport, LoadError> {
    let setup = Setup { plan, config, choices };
    let mut report =
        LoadReport { target: format!("{} stack", choices.kind), users: plan.settings.users, ..LoadReport::default() };
    let mut stop = Box::pin(stop);
    let phases = phases(plan);
    let of = phases.len() + trials.len();
    for (at, (name, sampling)) in phases.iter().enumerate() {
        tell(Progress::Phase { name: name.clone(), at, of });
        let main = *sampling == plan.settings.sampling.first().copied();
        let mut events = |event| tell(Progress::Run(event));
        let launch = tokio::select! {
            biased;
            signal = &mut stop => {
                report.interrupted = Some(signal.to_owned());
                break;
            }
            launch = Launch::up(&setup, *sampling, &mut events) => launch?,
        };
        let (phase, interrupted) = Box::pin(drive(launch, name, main, tell, &mut stop)).await?;
        report.phases.push(phase);
        if let Some(signal) = interrupted {
            report.interrupted = Some(signal.to_owned());
            break;
        }
    }
    report.budgets = budgets(&plan.settings.budgets, &report.phases);
    for (at, kind) in trials.iter().enumerate() {
        if report.interrupted.is_some() {
            break;
        }
        tell(Progress::Phase { name: kind.to_string(), at: phases.len() + at, of });
        let mut events = |event| tell(Progress::Run(event));
        let (tried, ended, interrupted) = Box::pin(trial(&setup, *kind, &mut events, &mut stop)).await?;
        report.trials.push(tried);
        tell_left(ended.kept, ended.left, tell);
        report.interrupted = interrupted.map(str::to_owned);
    }
    report.conclude();
    Ok(report)
}

/// Names and shares of the phases, in order.
fn phases(plan: &Plan) -> Vec<(String, Option<f64>)> {
    let without = plan.settings.without.then(|| ("without telemetry".to_owned(), None));
    let shares = plan.settings.sampling.iter().map(|share| (format!("{} % of traces", share * 100.0), Some(*share)));
    without.into_iter().chain(shares).collect()
}

async fn drive(
    mut launch: Launch<'_>,
    name: &str,
    main: bool,
    tell: &mut dyn FnMut(Progress),
    stop: &mut (dyn Future<Output = &'static str> + Unpin),
) -> Result<(PhaseReport, Option<&'static str>), LoadError> {
    let plan = launch.plan;
    let force = Force { users: plan.settings.users, seconds: plan.settings.seconds, options: main };
    let half = std::time::Duration::from_secs(plan.settings.seconds) / 2;
    let mut second = false;
    let look = |_: &_, _: &_, elapsed| {
        if !second && elapsed >= half {
            second = true;
            return Step::Window;
        }
        Step::GoOn
    };
    let driven = launch.drive(force, look, stop).await?;
    let counted = launch.settle().await;
    let mut judgement = if launch.sampling.is_some() { judge(&counted) } else { judge_without(&counted) };
    judgement.violations.extend(driven.thresholds);
    judgement.violations.extend(driven.died.then(died));
    let limit = plan.settings.budgets.memory_growth_mib;
    judgement.violations.extend(memory(launch.memory.most([0]), launch.memory.most([1]), limit));
    let phase = {
        let notes = launch.shared.ledger.notes();
        PhaseReport::new((name, launch.sampling), &launch.shared.workloads, &notes, driven.took, counted, judgement)
    };
    let ended = match launch.down().await {
        // That it ended is in the report, with everything measured until then.
        Err(LoadError::Run(RunError::Service(_))) if driven.died => return Ok((phase, driven.interrupted)),
        ended => ended?,
    };
    tell_left(ended.kept, ended.left, tell);
    Ok((phase, driven.interrupted))
}

/// Without telemetry, none may arrive.
fn judge_without(counted: &crate::conservation::Counted) -> Judgement {
    let mut judgement = judge(&crate::conservation::Counted { received: None, ..counted.clone() });
    let spans = counted.received.as_ref().map_or(0, |received| received.spans);
    if spans > 0 {
        judgement.violations.push(
            crate::conservation::Violation::new("load.not-off", "telemetry arrived in the phase without it")
                .wanted_found("no span", spans.to_string())
                .todo("say in `load.off` which variables switch the service's telemetry off"),
        );
    }
    judgement
}

fn tell_left(kept: Option<Kept>, left: Option<StackError>, tell: &mut dyn FnMut(Progress)) {
    if let Some(kept) = kept {
        tell(Progress::Kept(kept));
    }
    if let Some(left) = left {
        tell(Progress::Left(left.to_string()));
    }
}
