//! The container engine: whether it answers, and what it measures.

use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::query_parameters::{ListContainersOptionsBuilder, StatsOptionsBuilder};
use testcontainers::core::client::docker_client_instance;

use super::labels;

/// How long an engine may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the engine is looked for unless `DOCKER_HOST` says otherwise.
const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";

/// A file Docker puts into every container. In one, the engine's machine is another than ours.
const IN_A_CONTAINER: &str = "/.dockerenv";

/// No engine can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no container engine answers at {address}{}: {message}\n\
     next: start Docker, or set DOCKER_HOST to an engine that runs; `--stack embedded` needs none",
    if *.by_default { " (DOCKER_HOST is not set)" } else { " (from DOCKER_HOST)" }
)]
pub struct EngineAbsent {
    /// What was tried.
    pub address: String,
    /// Whether that is the default, because nobody chose one.
    pub by_default: bool,
    /// What happened.
    pub message: String,
}

/// An engine that answers.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    address: String,
}

/// What a container takes of the machine's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// The container's name.
    pub container: String,
    /// Bytes it uses, without pages of files that the kernel may drop; as `docker stats` counts.
    pub used_bytes: u64,
}

impl Engine {
    /// Finds the engine and asks it whether it is there, for at most 5 seconds.
    ///
    /// The engine is found as testcontainers finds it: by `DOCKER_HOST`, else at the usual sockets. `environment` looks
    /// up variables for the text of an error.
    ///
    /// # Errors
    /// If none answers.
    pub async fn connect(environment: &(dyn Fn(&str) -> Option<String> + Sync)) -> Result<Self, EngineAbsent> {
        let chosen = environment("DOCKER_HOST").filter(|host| !host.is_empty());
        let by_default = chosen.is_none();
        let address = chosen.unwrap_or_else(|| DEFAULT_ADDRESS.to_owned());
        let absent = |message: String| EngineAbsent { address: address.clone(), by_default, message };
        let docker = docker_client_instance().await.map_err(|error| absent(error.to_string()))?;
        match tokio::time::timeout(PATIENCE, docker.ping()).await {
            Ok(Ok(_)) => Ok(Self { docker, address }),
            Ok(Err(error)) => Err(absent(why(&error))),
            Err(_) => Err(absent(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    /// Where it was found.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What each running container of a run uses now, as the engine measures it.
    ///
    /// # Errors
    /// If the engine does not say.
    pub async fn memory(&self, run: &str) -> Result<Vec<Memory>, String> {
        let options = ListContainersOptionsBuilder::new().filters(&labels::filter(run)).build();
        let containers = self.docker.list_containers(Some(options)).await.map_err(|error| why(&error))?;
        let used = containers.into_iter().filter_map(|container| container.id).map(async |id| {
            let options = StatsOptionsBuilder::new().stream(false).one_shot(true).build();
            let stats = self.docker.stats(&id, Some(options)).next().await.ok_or("no answer")?.map_err(|e| why(&e))?;
            let memory = stats.memory_stats.unwrap_or_default();
            let cache = memory.stats.as_ref().and_then(|stats| {
                // The second name is that of version 1 of control groups.
                stats.get("inactive_file").or_else(|| stats.get("total_inactive_file")).copied()
            });
            let used_bytes = memory.usage.unwrap_or(0).saturating_sub(cache.unwrap_or(0));
            let container = stats.name.unwrap_or(id).trim_start_matches('/').to_owned();
            Ok::<_, String>(Memory { container, used_bytes })
        });
        futures::future::try_join_all(used).await
    }

    /// The address at which ports of containers are published: this machine alone, since the servers have no password,
    /// unless we reach the engine from elsewhere.
    pub(super) fn publishes_at(&self) -> Option<&'static str> {
        let here = self.address.starts_with("unix:") || self.address.starts_with("npipe:");
        (here && !Path::new(IN_A_CONTAINER).exists()).then_some("127.0.0.1")
    }

    pub(super) fn docker(&self) -> &Docker {
        &self.docker
    }
}

/// An engine's error without what everybody knows, with its causes.
pub(super) fn why(error: &Error) -> String {
    if let Error::DockerResponseServerError { message, .. } = error {
        return message.trim().to_owned();
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
