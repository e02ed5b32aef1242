//! Reads contracts from YAML.

use std::path::{Path, PathBuf};

use super::{Contract, ContractError, merge, validate};
use crate::yaml::{self, Document, Problem};

/// Largest contract file, in bytes: 4 MiB.
pub const MOST_BYTES: u64 = yaml::MOST_BYTES;

/// One contract file, read but not yet judged together with the others.
pub(super) type Source = Document<Contract>;

/// Reads a contract from `text`; `name` stands for it in errors.
///
/// # Errors
/// Names the place, what is wrong there, and what to do. If the text is readable as a contract, all problems are named.
pub fn parse(text: &str, name: &str) -> Result<Contract, ContractError> {
    together(vec![yaml::parse(text, name)?])
}

/// As [`parse`], from bytes that may be anything.
///
/// # Errors
/// As [`parse`], and if the bytes are not UTF-8 or more than [`MOST_BYTES`].
pub fn parse_bytes(bytes: &[u8], name: &str) -> Result<Contract, ContractError> {
    parse(yaml::decode(bytes, name)?, name)
}

/// Reads a contract from one file.
///
/// # Errors
/// As [`parse_bytes`], and if the file cannot be read.
pub fn read(path: &Path) -> Result<Contract, ContractError> {
    read_all(&[path.to_owned()])
}

/// Reads one contract from several files. Names may not be given twice: neither in a file nor across files.
///
/// # Errors
/// As [`read`]. Problems of all files are named together.
pub fn read_all(paths: &[PathBuf]) -> Result<Contract, ContractError> {
    if paths.is_empty() {
        return Err(Problem::of_file("contract", "no file is named; name at least one").into());
    }
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        match yaml::read(path) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { together(sources) } else { Err(ContractError { problems }) }
}

fn together(sources: Vec<Source>) -> Result<Contract, ContractError> {
    let problems = validate::problems(&sources);
    if problems.is_empty() { Ok(merge::merge(sources)) } else { Err(ContractError { problems }) }
}
