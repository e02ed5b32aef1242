//! `otelgate alerts`

use std::time::Instant;

use otelgate_harness::alerts;
use otelgate_harness::checks::OF_ALERTS;
use otelgate_harness::contract::Contract;
use otelgate_harness::finding::Verdict;
use otelgate_harness::run::{Live, RunError};

use crate::cli::{Alerts, Output};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::{interrupt, judge, output, reaper, verify};

/// Starts everything, and puts the alerts to the trial.
pub(crate) async fn run(options: &Alerts, format: &Output) -> Result<Option<Verdict>, Failure> {
    let began = Instant::now();
    let stop = interrupt::interrupted();
    tokio::pin!(stop);
    let mut config = verify::read_config(&options.file)?;
    // Embedded there is nobody to evaluate a rule.
    let stack = options.stack.with_servers();
    stack.apply(&mut config)?;
    let Some(file) = options.proofs.as_ref().or(config.alerts.as_ref()) else {
        let file = options.file.config.display();
        return Err(Failure::Usage(format!("{file}: has no `alerts`; name the file of proofs there, or by --proofs")));
    };
    let proofs = alerts::read(file).map_err(|error| Failure::Usage(error.to_string()))?;
    config.service.env.extend(proofs.env.clone());
    let waivers = judge::read_contracts(&config.contracts)?.waivers;
    let contract = Contract { waivers, ..Contract::default() };

    let progress = Progress::new(format);
    let mut tell = |event| progress.tell(&event);
    let lifeline = reaper::start()?;
    let environment = |name: &str| std::env::var(name).ok();
    let mut choices = stack.choices(&lifeline, &environment);
    choices.time_factor = proofs.windows_divided_by;
    let live = tokio::select! {
        live = Live::up(&config, &choices, &mut tell) => live.map_err(verify::failure)?,
        signal = &mut stop => return Err(Failure::Interrupted(format!("{signal} before the service was up; no alert was tried"))),
    };
    let taken = live.try_alerts(&config, &proofs, &mut tell, stop).await;
    progress.done();
    output::what_is_left(taken.kept.as_ref(), taken.left.as_ref());
    match taken.trouble {
        Some(RunError::Stopped(signal)) => Err(Failure::Interrupted(format!("{signal}: the trial was ended early"))),
        Some(other) => Err(verify::failure(other)),
        None => judge::print(OF_ALERTS, &taken.capture, &contract, &choices.kind.to_string(), began, format).map(Some),
    }
}
