//! `otelgate verify`

use std::cell::Cell;
use std::time::Instant;

use otelgate_harness::capture;
use otelgate_harness::config::{self, Config};
use otelgate_harness::finding::Verdict;
use otelgate_harness::run::{self, Event, Live, RunError};

use crate::cli::{ConfigFile, Output, Verify};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::{interrupt, judge};

/// Starts everything, drives the service, judges what it emitted.
pub(crate) async fn run(options: &Verify, output: &Output) -> Result<Option<Verdict>, Failure> {
    // From where the verdict's time counts: building the service, and the milliseconds of the stack, are not part of it.
    let began = Cell::new(Instant::now());
    let stop = interrupt::interrupted();
    tokio::pin!(stop);
    let config = read_config(&options.file)?;
    // Everything that can be wrong on paper is read before anything is started.
    let contract = judge::read_contracts(&config.contracts)?;
    let scenarios = run::scenarios(&config).map_err(|error| Failure::Usage(error.to_string()))?;
    if let Some(folder) = &options.save {
        capture::check_target(folder).map_err(|error| Failure::Usage(error.to_string()))?;
    }

    let progress = Progress::new(output);
    let mut tell = |event: Event| {
        if matches!(event, Event::StackUp { .. }) {
            began.set(Instant::now());
        }
        progress.tell(&event);
    };
    let live = tokio::select! {
        live = Live::up(&config, |name| std::env::var(name).ok(), &mut tell) => live.map_err(failure)?,
        signal = &mut stop => return Err(Failure::Interrupted(format!("{signal} before the service was up; nothing was captured"))),
    };
    let taken = live.verify(&config, &scenarios, &mut tell, stop).await;
    progress.tell(&Event::Judging);

    let mut saved = String::new();
    if let Some(folder) = &options.save {
        capture::save(&taken.capture, folder).map_err(|error| Failure::Environment(error.to_string()))?;
        saved = format!("; what was captured until then is in {}", folder.display());
    }
    progress.done();
    if let Some(trouble) = taken.trouble {
        return Err(match trouble {
            RunError::Stopped(signal) => Failure::Interrupted(format!("{signal}: the run was ended early{saved}")),
            other => match failure(other) {
                Failure::Environment(text) => Failure::Environment(format!("{text}{saved}")),
                usage => usage,
            },
        });
    }
    judge::print(&taken.capture, &contract, "embedded", began.get(), output).map(Some)
}

/// Reads the configuration, and applies what the command line says about it.
pub(crate) fn read_config(file: &ConfigFile) -> Result<Config, Failure> {
    let mut config = config::read(&file.config).map_err(|error| Failure::Usage(error.to_string()))?;
    if let Some(command) = &file.service_command {
        config.service.build.clear();
        config.service.command = command.split_whitespace().map(str::to_owned).collect();
    }
    Ok(config)
}

/// Whose fault it is that a run could not be made.
#[expect(clippy::needless_pass_by_value, reason = "used as the function of a `map_err`")]
pub(crate) fn failure(error: RunError) -> Failure {
    match error {
        RunError::Scenario(_) | RunError::Env { .. } => Failure::Usage(error.to_string()),
        RunError::Stack(_)
        | RunError::Service(_)
        | RunError::Scrape { .. }
        | RunError::Client(_)
        | RunError::Stopped(_) => Failure::Environment(error.to_string()),
    }
}
