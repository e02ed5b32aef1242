//! The reaper's end of the pipe.

use std::collections::BTreeSet;
use std::io::BufRead;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error as DockerError;

use super::{Hold, remove};

/// Something that was to be ended and was not.
#[derive(Debug, thiserror::Error)]
pub enum ReapError {
    /// A line that is no order.
    #[error("standard input, line {line}: {message}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// The engine did not do it.
    #[error(
        "containers with label `{label}` may be left: {source}. `docker ps --all --filter label={label}` lists them"
    )]
    Engine {
        /// The label.
        label: String,
        /// Why.
        source: DockerError,
    },
    /// No runtime to talk to the engine with.
    #[error("no async runtime: {0}")]
    Runtime(std::io::Error),
}

/// Reads orders until `input` ends, then ends everything that was held and not released.
///
/// # Errors
/// At the end, the first thing that could not be ended or understood; everything else has been ended all the same.
pub fn reap(input: impl BufRead) -> Result<(), ReapError> {
    let mut orders = BTreeSet::new();
    let mut result = Ok(());
    // A line that cannot be read is as good as the end.
    for (number, line) in input.lines().map_while(Result::ok).enumerate() {
        let (release, order) = line.strip_prefix("release ").map_or((false, line.as_str()), |order| (true, order));
        match order.parse::<Hold>() {
            Ok(order) if release => drop(orders.remove(&order)),
            Ok(order) => drop(orders.insert(order)),
            Err(message) => result = result.and(Err(ReapError::Line { line: number + 1, message })),
        }
    }
    for hold in orders {
        let ended = match hold {
            Hold::Group(id) => {
                // A group that is gone is what we want to find.
                let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
                Ok(())
            }
            Hold::Label(label) => remove_now(&label),
        };
        result = result.and(ended);
    }
    result
}

fn remove_now(label: &str) -> Result<(), ReapError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(ReapError::Runtime)?;
    let removed = runtime.block_on(async { remove::everything(&Docker::connect_with_defaults()?, label).await });
    removed.map_err(|source| ReapError::Engine { label: label.to_owned(), source })
}
