//! Progress: one changing line on a terminal, one line a step if asked, silence in a pipe.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use otelgate_harness::run::Event;

use crate::cli::{Output, ProgressMode};

/// Says what is going on.
pub(crate) enum Progress {
    Silent,
    Line(ProgressBar),
    Plain,
}

impl Progress {
    pub(crate) fn new(output: &Output) -> Self {
        match output.progress {
            ProgressMode::Plain => Self::Plain,
            ProgressMode::Auto if std::io::stderr().is_terminal() => {
                let bar = ProgressBar::new_spinner();
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                    bar.set_style(style);
                }
                Self::Line(bar)
            }
            ProgressMode::Auto | ProgressMode::None => Self::Silent,
        }
    }

    pub(crate) fn tell(&self, event: &Event) {
        match self {
            Self::Silent => {}
            // Progress that cannot be printed is no reason to stop.
            Self::Plain => drop(writeln!(std::io::stderr(), "{}", text(event))),
            // The build draws its own progress in the same place.
            Self::Line(bar) if matches!(event, Event::Building { .. }) => bar.println(text(event)),
            Self::Line(bar) => {
                bar.enable_steady_tick(Duration::from_millis(100));
                bar.set_message(text(event));
            }
        }
    }

    /// Says something there is no event for.
    pub(crate) fn say(&self, text: &str) {
        match self {
            Self::Silent => {}
            Self::Plain => drop(writeln!(std::io::stderr(), "{text}")),
            Self::Line(bar) => {
                bar.enable_steady_tick(Duration::from_millis(100));
                bar.set_message(text.to_owned());
            }
        }
    }

    pub(crate) fn done(&self) {
        if let Self::Line(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn text(event: &Event) -> String {
    match event {
        Event::Building { command } => format!("building the service: {command}"),
        Event::Starting { run, kind } => format!("starting the {kind} stack of run {run}"),
        Event::Pulling { image } => format!("pulling {image}"),
        Event::StackUp { took, .. } => format!("stack up in {} ms, starting the service", took.as_millis()),
        Event::ServiceUp { url, took } => format!("service up at {url} in {} ms", took.as_millis()),
        Event::Scenario { name, at, of } => format!("[{}/{of}] {name}", at + 1),
        Event::Trial { what } => format!("on trial: {what}"),
        Event::Stopping => "stopping the service and taking what it flushes".to_owned(),
        Event::Judging => "judging".to_owned(),
    }
}
