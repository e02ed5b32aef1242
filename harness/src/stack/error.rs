//! A stack that does not start, or does not stay.

use std::fmt;

use super::containers::{EngineAbsent, FileError, ImageAbsent};
use super::kind::Server;

/// What ended a stack, or kept it from starting.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// A stand-in could not be started.
    #[error("a stand-in did not start: {0}")]
    Front(#[source] std::io::Error),
    /// No container engine answers.
    #[error(transparent)]
    Engine(#[from] EngineAbsent),
    /// An image cannot be had.
    #[error(transparent)]
    Image(#[from] ImageAbsent),
    /// A file for a server cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The network of the run could not be made.
    #[error("the network {name} could not be made: {message}\nnext: `docker network prune` removes those nobody uses")]
    Network {
        /// Its name.
        name: String,
        /// What the engine said.
        message: String,
    },
    /// The way from Prometheus to the service could not be opened.
    #[error("nothing can listen for Prometheus at {address}: {source}")]
    Relay {
        /// Where.
        address: String,
        /// Why not.
        source: std::io::Error,
    },
    /// A server in a container is not there, or no longer.
    #[error(transparent)]
    Server(Box<Trouble>),
    /// A server somebody else runs is not there.
    #[error("{server} does not answer as it should\n  asked: {asked}\n  answer: {answer}\nnext: {next}")]
    External {
        /// Which one.
        server: Server,
        /// What was asked.
        asked: String,
        /// What came.
        answer: String,
        /// What to do.
        next: String,
    },
    /// What was started could not be removed.
    #[error("the containers of the run are left: {message}\nnext: when the engine answers again,\n  {remove}")]
    Left {
        /// What the engine said.
        message: String,
        /// The command that removes them.
        remove: String,
    },
    /// Prometheus does not get at the service.
    #[error("Prometheus at {prometheus} has not scraped the service: {why}\nnext: {next}")]
    NotScraped {
        /// Which Prometheus.
        prometheus: String,
        /// Which address it tried, and what it says of it.
        why: String,
        /// What to do.
        next: String,
    },
}

/// A container that is not as it should be, and what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Which server it holds.
    pub server: Server,
    /// The container's name.
    pub container: String,
    /// Its image.
    pub image: String,
    /// What went wrong.
    pub what: What,
    /// Its state, as the engine says.
    pub state: State,
    /// The last lines of its log, oldest first.
    pub log: Vec<String>,
}

/// What is wrong with a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The engine did not start it.
    NotStarted(String),
    /// It ended before it was ready.
    EndedBeforeReady,
    /// It runs and is not ready.
    NotReady {
        /// What was asked.
        asked: String,
        /// The last answer.
        answer: String,
        /// How long was waited, in milliseconds.
        after_ms: u128,
    },
    /// It was ready, and ended while it was needed.
    EndedDuringRun,
}

/// A container's state, as the engine says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs.
    Running,
    /// It was created and does not run yet.
    Created,
    /// It ended.
    Ended {
        /// Its exit code; 137 is a kill.
        code: i64,
        /// Whether the kernel killed it for its memory.
        out_of_memory: bool,
        /// What the engine says of it beside that.
        message: String,
    },
    /// There is no such container.
    Gone,
    /// The engine does not say.
    Unknown(String),
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running => f.write_str("running"),
            Self::Created => f.write_str("created, not started"),
            Self::Ended { code, out_of_memory, message } => {
                write!(f, "ended with exit code {code}")?;
                match (*out_of_memory, *code) {
                    (true, _) => f.write_str(", killed because the memory ran out")?,
                    (false, 137) => f.write_str(", killed")?,
                    (false, 143) => f.write_str(", asked to end")?,
                    _ => {}
                }
                if message.is_empty() { Ok(()) } else { write!(f, "; {message}") }
            }
            Self::Gone => f.write_str("removed by somebody"),
            Self::Unknown(message) => write!(f, "not known, the engine does not say: {message}"),
        }
    }
}

impl Trouble {
    /// What a person can do about it.
    fn next(&self) -> String {
        match (&self.state, &self.what) {
            (State::Ended { out_of_memory: true, .. }, _) => "give the container engine more memory".to_owned(),
            (State::Unknown(_), _) => "see whether the engine still runs: `docker info`".to_owned(),
            (State::Gone, _) => {
                format!("find out who removes containers; `docker events --filter container={}` tells", self.container)
            }
            (_, What::NotStarted(said))
                if said.contains("port is already allocated") || said.contains("address already in use") =>
            {
                format!("choose another port in `back-ends.ports.{}`, or end what uses this one", self.server)
            }
            (_, What::NotStarted(_)) => {
                format!("see whether the engine can run the image: `docker run --rm {}`", self.image)
            }
            (_, What::NotReady { .. }) => {
                "if the machine is slow, raise `back-ends.ready-within-ms`; else the log says what it waits for"
                    .to_owned()
            }
            (_, What::EndedBeforeReady) => {
                format!("the log says why; OTELGATE_IMAGE_{} names another image", self.server.name().to_uppercase())
            }
            (_, What::EndedDuringRun) => "the log says why; run again when it is mended".to_owned(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server;
        match &self.what {
            What::NotStarted(said) => writeln!(f, "{server} did not start: {said}")?,
            What::EndedBeforeReady => writeln!(f, "{server} ended before it was ready")?,
            What::EndedDuringRun if matches!(self.state, State::Unknown(_)) => {
                writeln!(f, "the container engine does not answer any more; {server} may have ended with it")?;
            }
            What::EndedDuringRun => writeln!(f, "{server} ended during the run")?,
            What::NotReady { asked, answer, after_ms } => {
                writeln!(f, "{server} was not ready after {after_ms} ms\n  asked: {asked}\n  last answer: {answer}")?;
            }
        }
        writeln!(f, "  container: {} (image {})\n  state: {}", self.container, self.image, self.state)?;
        if self.log.is_empty() {
            writeln!(f, "  its log is empty")?;
        } else {
            writeln!(f, "  last lines of its log:")?;
            self.log.iter().try_for_each(|line| writeln!(f, "    {line}"))?;
        }
        write!(f, "next: {}", self.next())
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(what: What, state: State) -> Trouble {
        Trouble {
            server: Server::Redis,
            container: "redis.otelgate-00ff".to_owned(),
            image: "redis:8.2-alpine".to_owned(),
            what,
            state,
            log: vec!["# Out of memory".to_owned()],
        }
    }

    #[test]
    fn trouble_tells_state_and_log_and_what_to_do() {
        let ended = State::Ended { code: 137, out_of_memory: true, message: String::new() };

        let text = trouble(What::EndedDuringRun, ended).to_string();

        assert_eq!(
            text,
            "redis ended during the run\n  container: redis.otelgate-00ff (image redis:8.2-alpine)\n  \
             state: ended with exit code 137, killed because the memory ran out\n  last lines of its log:\n    \
             # Out of memory\nnext: give the container engine more memory"
        );
    }

    #[test]
    fn a_port_in_use_is_told_as_such() {
        let said = "Bind for 127.0.0.1:3001 failed: port is already allocated".to_owned();

        let text = trouble(What::NotStarted(said), State::Created).to_string();

        assert!(text.contains("back-ends.ports.redis"), "{text}");
    }

    #[test]
    fn a_server_that_is_not_ready_tells_what_was_asked_and_answered() {
        let what = What::NotReady { asked: "PING".to_owned(), answer: "-LOADING".to_owned(), after_ms: 60_000 };

        let text = trouble(what, State::Running).to_string();

        assert!(text.contains("asked: PING") && text.contains("last answer: -LOADING"), "{text}");
        assert!(text.contains("ready-within-ms"), "{text}");
    }
}
