//! Reads `otelgate.yaml`.

use std::path::Path;

use super::Config;
use crate::yaml::Problem;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {message}")]
pub struct ConfigError {
    /// File, line and column, as far as known.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<Problem> for ConfigError {
    fn from(problem: Problem) -> Self {
        Self { place: problem.place(), message: problem.message }
    }
}

/// Reads a configuration, and makes its paths relative to the folder of its file.
///
/// # Errors
/// If it cannot be read or parsed, is of another version, or says something that cannot be meant.
pub fn read(path: &Path) -> Result<Config, ConfigError> {
    let mut config: Config = crate::yaml::read(path)?.value;
    let wrong = |message: &str| ConfigError { place: path.display().to_string(), message: message.to_owned() };
    if config.service.command.is_empty() {
        return Err(wrong("`service.command` is empty: say how the service is started"));
    }
    if config.service.address.log.is_some() == config.service.address.url.is_some() {
        return Err(wrong("`service.address` needs exactly one of `log` (it chooses its port and says so) and `url`"));
    }
    if let Some(pattern) = &config.service.address.log {
        let regex = regex::Regex::new(pattern).map_err(|error| wrong(&format!("`service.address.log`: {error}")))?;
        if regex.captures_len() < 2 {
            return Err(wrong("`service.address.log` has no group: put its URL in parentheses"));
        }
    }
    if config.contracts.is_empty() {
        return Err(wrong("`contracts` is empty: nothing would be proven"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for file in config.scenarios.iter_mut().chain(&mut config.contracts).chain(&mut config.alerts) {
        *file = folder.join(&*file);
    }
    if let Some(overhead) = &mut config.overhead {
        if let Some(problem) = super::OverheadConfig::budget_problem(overhead.budget) {
            return Err(wrong(&format!("`overhead.budget`: {problem}")));
        }
        overhead.workload = folder.join(&overhead.workload);
        overhead.ledger = folder.join(&overhead.ledger);
    }
    if let Some(lane) = &mut config.lane {
        if let Some(problem) = lane.problem() {
            return Err(wrong(&problem));
        }
        lane.resolve(folder);
    }
    if let Some(load) = &mut config.load {
        if let Some(problem) = load.problem() {
            return Err(wrong(&problem));
        }
        load.resolve(folder);
    }
    config.dashboards = config.dashboards.into_iter().map(|source| source.inside(folder)).collect();
    config.back_ends.resolve(folder);
    folder.clone_into(&mut config.service.directory);
    Ok(config)
}
