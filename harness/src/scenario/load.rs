//! Reads scenario files.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Scenario, ScenarioFile, each};

/// A scenario file that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {message}")]
pub struct ScenarioError {
    /// The file, and the place in it where known.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

impl ScenarioError {
    pub(super) fn new(path: &Path, message: impl fmt::Display) -> Self {
        Self { place: path.display().to_string(), message: message.to_string() }
    }
}

/// A scenario with the items it is repeated over.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// One group of items a round; one empty group if it is not repeated.
    pub rounds: Vec<Vec<Map<String, Value>>>,
}

/// Reads all files, and the lists and folders they refer to.
///
/// # Errors
/// If a file cannot be read or parsed, is of another version, holds nothing, or repeats a scenario's name.
pub fn read_all(paths: &[PathBuf]) -> Result<Vec<Loaded>, ScenarioError> {
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for path in paths {
        let file: ScenarioFile = crate::yaml::read(path)
            .map_err(|problem| ScenarioError { place: problem.place(), message: problem.message })?
            .value;
        for scenario in file.scenarios {
            if !names.insert(scenario.scenario.clone()) {
                return Err(ScenarioError::new(path, format!("scenario `{}` is there twice", scenario.scenario)));
            }
            if scenario.requests.is_empty() {
                return Err(ScenarioError::new(path, format!("scenario `{}` sends nothing", scenario.scenario)));
            }
            let beside = path.parent().unwrap_or(Path::new("."));
            let rounds = match &scenario.each {
                Some(source) => each::read(source, beside).map_err(|error| {
                    ScenarioError::new(path, format!("`each` of scenario `{}`: {error}", scenario.scenario))
                })?,
                None => vec![Vec::new()],
            };
            all.push(Loaded { scenario, rounds });
        }
    }
    if all.is_empty() {
        return Err(ScenarioError {
            place: paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
            message: "no scenario in them: nothing would be driven and nothing proven".to_owned(),
        });
    }
    Ok(all)
}
