//! Progress on a terminal; silence in a pipe.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use otelgate_harness::run::Event;

use crate::cli::Output;

/// One line that says what is going on.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(output: &Output) -> Self {
        let shown = !output.quiet && std::io::stderr().is_terminal();
        let bar = if shown { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if shown {
            bar.enable_steady_tick(Duration::from_millis(100));
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
                bar.set_style(style);
            }
        }
        Self { bar }
    }

    pub(crate) fn tell(&self, event: &Event) {
        let message = match event {
            Event::Building { command } => {
                // The build prints its own progress below.
                self.bar.println(format!("building: {command}"));
                return;
            }
            Event::StackUp { took, .. } => format!("stack up in {} ms; starting the service", took.as_millis()),
            Event::ServiceUp { url, took } => format!("service up at {url} in {} ms", took.as_millis()),
            Event::Scenario { name, at, of } => format!("[{}/{of}] {name}", at + 1),
            Event::Stopping => "stopping the service, taking what it flushes".to_owned(),
            Event::Judging => "judging".to_owned(),
        };
        self.bar.set_message(message);
    }

    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
