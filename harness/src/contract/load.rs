//! Reads contracts from YAML.

use std::path::{Path, PathBuf};

use super::Contract;

/// A contract that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ContractError {
    /// File, line and column.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Reads a contract from `text`; `name` stands for it in errors.
pub fn parse(text: &str, name: &str) -> Result<Contract, ContractError> {
    serde_saphyr::from_str(text).map_err(|error| ContractError { place: name.to_owned(), message: error.to_string() })
}

/// Reads a contract from one file.
pub fn read(path: &Path) -> Result<Contract, ContractError> {
    let path: PathBuf = path.to_owned();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| ContractError { place: path.display().to_string(), message: error.to_string() })?;
    parse(&text, &path.display().to_string())
}
