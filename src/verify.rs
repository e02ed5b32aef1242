//! `otelgate verify`

use std::cell::Cell;
use std::time::Instant;

use otelgate_harness::capture;
use otelgate_harness::checks::{self, CHECKS};
use otelgate_harness::config::{self, Config};
use otelgate_harness::finding::Verdict;
use otelgate_harness::report::Report;
use otelgate_harness::run::{self, Event, Live, RunError};
use otelgate_harness::stack::StackError;

use crate::cli::{ConfigFile, Output, Verify};
use crate::exit::Failure;
use crate::overhead::QuickLook;
use crate::progress::Progress;
use crate::{interrupt, judge, output, overhead, reaper};

/// Starts everything, drives the service, judges what it emitted.
pub(crate) async fn run(options: &Verify, format: &Output) -> Result<Option<Verdict>, Failure> {
    // From where the verdict's time counts: building the service, and the milliseconds of the stack, are not part of it.
    let began = Cell::new(Instant::now());
    let stop = interrupt::interrupted();
    tokio::pin!(stop);
    let mut config = read_config(&options.file)?;
    options.stack.apply(&mut config)?;
    // Everything that can be wrong on paper is read before anything is started.
    let contract = judge::read_promises(&config)?;
    let scenarios = run::scenarios(&config).map_err(|error| Failure::Usage(error.to_string()))?;
    let look = if options.no_overhead || !options.stack.is_embedded() { None } else { QuickLook::new(&config)? };
    if look.is_none() && options.html.is_some() {
        return Err(Failure::Usage(
            "`--html` shows what telemetry costs too: it needs the embedded stack and an `overhead` whose \
             `in-verify` is not `skip`"
                .to_owned(),
        ));
    }
    if let Some(folder) = &options.save {
        capture::check_target(folder).map_err(|error| Failure::Usage(error.to_string()))?;
    }

    let progress = Progress::new(format);
    let mut tell = |event: Event| {
        if matches!(event, Event::StackUp { .. }) {
            began.set(Instant::now());
        }
        progress.tell(&event);
    };
    let lifeline = reaper::start()?;
    let environment = |name: &str| std::env::var(name).ok();
    let choices = options.stack.choices(&lifeline, &environment);
    let live = tokio::select! {
        live = Live::up(&config, &choices, &mut tell) => live.map_err(failure)?,
        signal = &mut stop => return Err(Failure::Interrupted(format!("{signal} before the service was up; nothing was captured"))),
    };
    let taken = Box::pin(live.verify(&config, &scenarios, &contract.dashboards, &mut tell, stop.as_mut())).await;
    progress.tell(&Event::Judging);

    let mut saved = String::new();
    if let Some(folder) = &options.save {
        capture::save(&taken.capture, folder).map_err(|error| Failure::Environment(error.to_string()))?;
        saved = format!("; what was captured until then is in {}", folder.display());
    }
    progress.done();
    output::what_is_left(taken.kept.as_ref(), taken.left.as_ref());
    if let Some(trouble) = taken.trouble {
        return Err(match trouble {
            RunError::Stopped(signal) => Failure::Interrupted(format!("{signal}: the run was ended early{saved}")),
            other => match failure(other) {
                Failure::Environment(text) => Failure::Environment(format!("{text}{saved}")),
                usage => usage,
            },
        });
    }
    let verdict = judge::print(CHECKS, &taken.capture, &contract, &choices.kind.to_string(), began.get(), format)?;
    let took = began.get().elapsed();
    let Some(look) = look else { return Ok(Some(verdict)) };
    let gates = look.gates;
    let outcome = look
        .take(&config, &progress, async {
            let _name = stop.await;
        })
        .await;
    progress.done();
    let outcome = outcome?;
    let above = overhead::tell_look(&outcome, gates, format)?;
    if let Some(path) = &options.html {
        let judged = checks::judge_by(CHECKS, &taken.capture, &contract);
        let mut summary = judge::summary(&taken.capture, &choices.kind.to_string());
        summary.duration = took;
        overhead::print::page(&outcome, Some(&Report::new(&judged, &taken.capture, &summary)), path)?;
    }
    Ok(Some(if above && gates { Verdict::Fail } else { verdict }))
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
        RunError::Scenario(_) | RunError::Env { .. } | RunError::Stack(StackError::File(_)) => {
            Failure::Usage(error.to_string())
        }
        RunError::Stack(_)
        | RunError::BackEnd(_)
        | RunError::Service(_)
        | RunError::Scrape { .. }
        | RunError::Client(_)
        | RunError::Trial(_)
        | RunError::NoPrometheus
        | RunError::Stopped(_) => Failure::Environment(error.to_string()),
    }
}
