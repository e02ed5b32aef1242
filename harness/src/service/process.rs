//! A running service. Dropping it ends it and everything it started.

use std::process::ExitStatus;
use std::time::Duration;

use regex::Regex;
use tokio::task::JoinHandle;

use super::Output;
use super::command::command;
use super::group::Group;
use crate::config::{Address, ServiceConfig};
use crate::lifeline::Lifeline;

/// A service that cannot be verified.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The build or start command cannot be run.
    #[error("`{command}` cannot be run: {source}. Is it installed, and is the path right?")]
    NotStarted {
        /// The command.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// The build failed.
    #[error("`{command}` failed ({status}); what it printed is above")]
    NotBuilt {
        /// The command.
        command: String,
        /// How it ended.
        status: String,
    },
    /// The service ended before it should.
    #[error("the service ended by itself ({status}) {during}; {tail}")]
    Exited {
        /// How it ended.
        status: String,
        /// When.
        during: String,
        /// What it printed last.
        tail: String,
    },
    /// The service never said where it listens.
    #[error("the service did not say within {} ms where it listens (`service.address.log`: {pattern}); {tail}", within.as_millis())]
    NoAddress {
        /// How long was waited.
        within: Duration,
        /// The pattern that never matched.
        pattern: String,
        /// What it printed last.
        tail: String,
    },
    /// The service never became ready.
    #[error("the service is {message}; {tail}")]
    NotReady {
        /// What it answered last.
        message: String,
        /// What it printed last.
        tail: String,
    },
    /// The service did not exit when asked to.
    #[error("the service did not exit within {} ms of SIGTERM and was killed; telemetry it had not flushed is lost", within.as_millis())]
    NotStopped {
        /// How long was waited.
        within: Duration,
    },
    /// Something still answers where the service listened.
    #[error(
        "something still listens on {url} after the service has exited: it left a child process behind, which was killed"
    )]
    PortTaken {
        /// The URL.
        url: String,
    },
}

/// A running service.
pub struct Service {
    group: Group,
    output: Output,
    readers: Vec<JoinHandle<()>>,
    shutdown_within: Duration,
    url: String,
}

impl Service {
    /// Starts the service and waits until it says where it listens. `env` is its environment, placeholders filled;
    /// `lifeline` ends it should we be killed; `inherited` looks up variables of our own environment.
    ///
    /// # Errors
    /// If it cannot be started, exits, or does not say where it listens in time.
    pub async fn start(
        config: &ServiceConfig,
        env: impl IntoIterator<Item = (String, String)>,
        lifeline: &Lifeline,
        inherited: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ServiceError> {
        let mut service = Self::spawn(config, env, lifeline, inherited)?;
        match &config.address.url {
            Some(url) => service.url = url.trim_end_matches('/').to_owned(),
            None => service.url = service.listen_address(&config.address).await?,
        }
        Ok(service)
    }

    fn spawn(
        config: &ServiceConfig,
        env: impl IntoIterator<Item = (String, String)>,
        lifeline: &Lifeline,
        inherited: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ServiceError> {
        let not_started = |source| ServiceError::NotStarted { command: config.command.join(" "), source };
        let mut command = command(&config.command, config, env, inherited).map_err(not_started)?;
        let mut group = Group::spawn(&mut command, lifeline).map_err(not_started)?;
        let output = Output::new(config.address.log.as_deref().and_then(|pattern| Regex::new(pattern).ok()));
        let mut readers = Vec::new();
        if let Some(stdout) = group.child().stdout.take() {
            readers.push(tokio::spawn(output.clone().read(stdout)));
        }
        if let Some(stderr) = group.child().stderr.take() {
            readers.push(tokio::spawn(output.clone().read(stderr)));
        }
        let shutdown_within = Duration::from_millis(config.shutdown_within_ms);
        Ok(Self { group, output, readers, shutdown_within, url: String::new() })
    }

    async fn listen_address(&mut self, address: &Address) -> Result<String, ServiceError> {
        let within = Duration::from_millis(address.within_ms);
        let output = self.output.clone();
        tokio::select! {
            biased;
            address = output.address() => Ok(address),
            status = self.group.child().wait() => {
                self.finish_reading().await;
                Err(exited(status, "before it said where it listens", &self.output))
            }
            () = tokio::time::sleep(within) => {
                let pattern = address.log.clone().unwrap_or_default();
                Err(ServiceError::NoAddress { within, pattern, tail: self.output.tail() })
            }
        }
    }

    /// Its URL, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The id of its process; `None` once it has ended.
    pub fn process_id(&self) -> Option<u32> {
        self.group.process_id()
    }

    /// What it prints.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Fails if the service has ended; `during` says what was going on.
    ///
    /// # Errors
    /// How it ended, and what it printed last.
    pub async fn alive(&mut self, during: &str) -> Result<(), ServiceError> {
        match self.group.child().try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => {
                self.finish_reading().await;
                Err(exited(Ok(status), during, &self.output))
            }
            Err(error) => Err(exited(Err(error), during, &self.output)),
        }
    }

    /// Waits until the service ends by itself, and says how.
    pub async fn ended(&mut self) -> ServiceError {
        let status = self.group.child().wait().await;
        self.finish_reading().await;
        exited(status, "while it was to stay up", &self.output)
    }

    /// Asks the service to stop and waits until it has, so that all it flushes has arrived. Kills it, and what it
    /// started, if it does not stop in time.
    ///
    /// # Errors
    /// If it had ended by itself, had to be killed, or left something listening.
    pub async fn stop(mut self) -> Result<(), ServiceError> {
        self.alive("before it was asked to stop").await?;
        self.group.terminate();
        let stopped = tokio::time::timeout(self.shutdown_within, self.group.child().wait()).await;
        if stopped.is_err() {
            self.group.kill();
            let _ = self.group.child().wait().await;
            self.finish_reading().await;
            return Err(ServiceError::NotStopped { within: self.shutdown_within });
        }
        let taken = still_listening(&self.url).await;
        // Children it left behind would hold its output open for ever.
        self.group.kill();
        self.finish_reading().await;
        if taken { Err(ServiceError::PortTaken { url: self.url.clone() }) } else { Ok(()) }
    }

    async fn finish_reading(&mut self) {
        for reader in self.readers.drain(..) {
            // A reader ends with the stream; one held open by an escaped grandchild must not hold us.
            let _ = tokio::time::timeout(Duration::from_secs(1), reader).await;
        }
    }
}

fn exited(status: std::io::Result<ExitStatus>, during: &str, output: &Output) -> ServiceError {
    let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
    ServiceError::Exited { status, during: during.to_owned(), tail: output.tail() }
}

async fn still_listening(url: &str) -> bool {
    let Some(authority) = url.split("://").nth(1).and_then(|rest| rest.split('/').next()) else { return false };
    tokio::net::TcpStream::connect(authority).await.is_ok()
}
