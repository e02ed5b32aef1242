//! Builds the service under test.

use std::process::Stdio;

use tokio::process::Command;

use super::ServiceError;
use super::group::Group;
use crate::config::ServiceConfig;
use crate::lifeline::Lifeline;

/// What `cargo run` tells the program it runs of its package. A build script that asks for one of these, as ring's does,
/// would be run again in the service's build, and again in the next `cargo run`: minutes each time.
const OF_CARGO_RUN: [&str; 18] = [
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PKG_AUTHORS",
    "CARGO_PKG_DESCRIPTION",
    "CARGO_PKG_HOMEPAGE",
    "CARGO_PKG_LICENSE",
    "CARGO_PKG_LICENSE_FILE",
    "CARGO_PKG_NAME",
    "CARGO_PKG_README",
    "CARGO_PKG_REPOSITORY",
    "CARGO_PKG_RUST_VERSION",
    "CARGO_PKG_VERSION",
    "CARGO_PKG_VERSION_MAJOR",
    "CARGO_PKG_VERSION_MINOR",
    "CARGO_PKG_VERSION_PATCH",
    "CARGO_PKG_VERSION_PRE",
];

/// Runs the build command of the configuration, if it has one. What it prints goes to standard error. Dropping the
/// future ends the build and what it started; `lifeline` does should we be killed.
///
/// # Errors
/// If the command cannot be started or fails.
pub async fn build(config: &ServiceConfig, lifeline: &Lifeline) -> Result<(), ServiceError> {
    let Some((program, arguments)) = config.build.split_first() else { return Ok(()) };
    let command = config.build.join(" ");
    let mut builder = Command::new(program);
    for variable in OF_CARGO_RUN {
        builder.env_remove(variable);
    }
    builder.args(arguments).current_dir(&config.directory).stdin(Stdio::null()).stdout(std::io::stderr());
    let not_started = |source| ServiceError::NotStarted { command: command.clone(), source };
    let mut group = Group::spawn(&mut builder, lifeline).map_err(not_started)?;
    let status = group.child().wait().await.map_err(not_started)?;
    if status.success() { Ok(()) } else { Err(ServiceError::NotBuilt { command, status: status.to_string() }) }
}
