//! YAML files with errors that name the place.

use std::path::Path;

use serde::de::DeserializeOwned;

/// A YAML file that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{place}: {message}")]
pub struct YamlError {
    /// File, line and column, as far as known.
    pub place: String,
    /// What is wrong.
    pub message: String,
}

/// Reads a file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, YamlError> {
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|error| YamlError { place: name.clone(), message: error.to_string() })?;
    serde_saphyr::from_str(&text).map_err(|error| YamlError { place: name, message: error.to_string() })
}
