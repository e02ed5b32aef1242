//! One experiment, from its first launch to its outcome.

use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::effect;
use super::ledger::{self, LedgerError};
use super::outcome::{Machine, Outcome, OverheadVerdict, Protocol};
use super::plan::PlanError;
use super::record::Launch;
use super::up::{Bench, LaunchError};
use super::verdict::{Arms, Judge, Step};
use crate::duet::Stop;

/// An experiment that could not be made, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum OverheadError {
    /// The protocol makes no sense.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A launch could not be made.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// A launch could not be written down.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What happens while an experiment is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Progress {
    /// A launch begins.
    Launch {
        /// Its number.
        number: u32,
        /// The most there can be.
        of: u32,
        /// Whether it is part of the confirmation.
        confirmation: bool,
    },
    /// A launch was made.
    Launched {
        /// The logarithm of ON over OFF, if it has one.
        log_ratio: Option<f64>,
    },
}

/// An experiment as far as it got.
#[derive(Debug)]
pub struct Ran {
    /// What it found.
    pub outcome: Outcome,
    /// What ended it early, if something did. What had been measured until then is in the outcome.
    pub ended_by: Option<OverheadError>,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

impl Bench<'_> {
    /// Launches until the verdict stands. Each launch is written to `ledger`, if there is one, as soon as it is made.
    ///
    /// When `stopped` completes, the experiment ends; what was measured until then is kept.
    ///
    /// # Errors
    /// If the protocol makes no sense. What goes wrong later is part of what it returns.
    pub async fn run(
        &self,
        ledger: Option<&PathBuf>,
        tell: &mut dyn FnMut(Progress),
        stopped: impl Future<Output = ()>,
    ) -> Result<Ran, OverheadError> {
        let machine = Machine::this();
        let judge = Judge::new(self.protocol)?.on_cores(machine.cores);
        let (began, clock) = (SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), Instant::now());
        let mut launches = Vec::new();
        let stop = Stop::default();
        let all = self.launches(&judge, ledger, &mut launches, tell, &stop);
        let (ended_by, interrupted) = tokio::select! {
            ended = all => (ended.err(), false),
            () = stopped => {
                stop.now();
                (None, true)
            }
        };
        let outcome = self.outcome(&judge, machine, launches);
        let began_unix_ms = u64::try_from(began.as_millis()).unwrap_or(u64::MAX);
        let took_ms = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut outcome = Outcome { began_unix_ms, took_ms, ..outcome };
        if interrupted {
            outcome.reasons.insert(0, "it was interrupted: this is what was measured until then".to_owned());
        }
        if let Some(error) = &ended_by {
            outcome.verdict = OverheadVerdict::Invalid;
            outcome.reasons.insert(0, error.to_string());
        }
        Ok(Ran { outcome, ended_by, interrupted })
    }

    async fn launches(
        &self,
        judge: &Judge,
        ledger: Option<&PathBuf>,
        launches: &mut Vec<Launch>,
        tell: &mut dyn FnMut(Progress),
        stop: &Stop,
    ) -> Result<(), OverheadError> {
        loop {
            let confirmation = match judge.next(launches) {
                Step::GoOn => false,
                Step::Confirm => true,
                Step::Done => return Ok(()),
            };
            let number = u32::try_from(launches.len()).unwrap_or(u32::MAX).saturating_add(1);
            tell(Progress::Launch { number, of: judge.plan().longest(), confirmation });
            let launch = Box::pin(self.launch(number, confirmation, stop)).await?;
            tell(Progress::Launched { log_ratio: Arms::default().log_ratio(&launch, Protocol::ON) });
            // Before it is written down: it was made, whatever becomes of the ledger.
            launches.push(launch);
            if let (Some(path), Some(launch)) = (ledger, launches.last()) {
                ledger::append(path, launch)?;
            }
        }
    }

    fn outcome(&self, judge: &Judge, machine: Machine, launches: Vec<Launch>) -> Outcome {
        let conclusion = judge.conclude(&launches);
        let mut arms = effect::arms(&launches, &Arms::default(), self.protocol.level);
        for outcome in &mut arms {
            if let Some(arm) = self.arms.iter().find(|arm| arm.name == outcome.arm) {
                outcome.env = arm.shown_env();
            }
        }
        Outcome {
            run: self.run.to_owned(),
            service: self.config.service.name.clone(),
            workload: self.workload.name.clone(),
            otelgate: env!("CARGO_PKG_VERSION").to_owned(),
            began_unix_ms: 0,
            took_ms: 0,
            machine,
            protocol: self.protocol.clone(),
            verdict: conclusion.verdict,
            reasons: conclusion.reasons,
            help: conclusion.help,
            cost: conclusion.cost,
            same: conclusion.same,
            same_sd: conclusion.same_sd,
            detectable: conclusion.detectable,
            looks: conclusion.looks,
            arms,
            invalid: conclusion.invalid,
            launches,
            latency: Vec::new(),
            on_is: None,
            against: None,
            lane: None,
        }
    }
}
