//! Builds the service under test.

use std::process::Stdio;

use tokio::process::Command;

use super::ServiceError;
use crate::config::ServiceConfig;

/// Runs the build command of the configuration, if it has one. What it prints goes to standard error.
///
/// # Errors
/// If the command cannot be started or fails.
pub async fn build(config: &ServiceConfig) -> Result<(), ServiceError> {
    let Some((program, arguments)) = config.build.split_first() else { return Ok(()) };
    let command = config.build.join(" ");
    let status = Command::new(program)
        .args(arguments)
        .current_dir(&config.directory)
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|source| ServiceError::NotStarted { command: command.clone(), source })?;
    if status.success() { Ok(()) } else { Err(ServiceError::NotBuilt { command, status: status.to_string() }) }
}
