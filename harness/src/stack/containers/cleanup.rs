//! The end of everything a run made in the engine, however the run ends.

use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;

use super::engine::{Engine, why};
use super::labels;
use crate::lifeline::{Hold, Lifeline, remove};

/// Time between two looks for containers that an interrupted start still makes.
const PAUSE: Duration = Duration::from_millis(50);

/// How many looks must find nothing before that is believed after an interrupted start: half a second, in which an
/// engine has finished what it was asked for last.
const EMPTY_LOOKS: u32 = 10;

/// Removes what a run made when it is dropped.
///
/// One guard for all and not one for each container: a container that was created and did not start, or whose start
/// was interrupted, has no guard of its own.
pub(super) struct Cleanup {
    docker: Docker,
    run: String,
    /// Does the same if we cannot; it has nothing to do if all is to be kept.
    lifeline: Lifeline,
    armed: bool,
    /// Whether all starts have come to an end, so that nothing new appears.
    pub(super) settled: bool,
}

impl Cleanup {
    /// To be made before anything else is.
    pub(super) fn new(engine: &Engine, run: &str, lifeline: &Lifeline, keep: bool) -> Self {
        if !keep {
            lifeline.hold(&hold(run));
        }
        let (docker, lifeline) = (engine.docker().clone(), lifeline.clone());
        Self { docker, run: run.to_owned(), lifeline, armed: true, settled: false }
    }

    /// Leaves everything as it is.
    pub(super) fn disarm(&mut self) {
        self.armed = false;
    }

    /// Removes everything now.
    ///
    /// # Errors
    /// What the engine said. The reaper, if there is one, then tries again when this process ends.
    pub(super) async fn now(&mut self) -> Result<(), String> {
        self.armed = false;
        let removed = remove_all(&self.docker, &self.run, self.settled).await.map_err(|error| why(&error));
        self.released(removed)
    }

    fn released(&self, removed: Result<(), String>) -> Result<(), String> {
        removed.inspect(|()| self.lifeline.release(&hold(&self.run)))
    }
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        if !self.armed {
            return;
        }
        let (docker, run, settled) = (self.docker.clone(), self.run.clone(), self.settled);
        // A runtime of its own, because the one that polls us may be the one that ends, and may have one thread only.
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime.map_err(|error| error.to_string())?;
            runtime.block_on(remove_all(&docker, &run, settled)).map_err(|error| why(&error))
        });
        let removed = worker.join().unwrap_or_else(|_| Err("the thread that removes them panicked".to_owned()));
        if let Err(error) = self.released(removed) {
            tracing::warn!(run = self.run, error, next = command(&self.run), "containers of the run are left");
        }
    }
}

fn hold(run: &str) -> Hold {
    Hold::Label(labels::of(run))
}

/// Removes the containers, networks and volumes of a run.
async fn remove_all(docker: &Docker, run: &str, settled: bool) -> Result<(), Error> {
    let label = labels::of(run);
    let mut empty = 0;
    while !settled && empty < EMPTY_LOOKS {
        match remove::containers(docker, &label).await? {
            0 => empty += 1,
            _ => empty = 0,
        }
        tokio::time::sleep(PAUSE).await;
    }
    remove::everything(docker, &label).await
}

/// What a person types to remove everything of a run.
pub(super) fn command(run: &str) -> String {
    let label = labels::of(run);
    format!(
        "docker rm --force --volumes $(docker ps --all --quiet --filter label={label}) \
         && docker network rm $(docker network ls --quiet --filter label={label})"
    )
}
