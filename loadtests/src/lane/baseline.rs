//! The figures that are committed.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Measured;

const VERSION: u32 = 1;

/// The figures to compare with, as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// Version of the format; 1.
    version: u32,
    /// What makes the file anew.
    renew: String,
    /// What was measured, and by what.
    pub measured: Measured,
}

/// A baseline that cannot be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no baseline.
    #[error("{path}: {problem}; make it anew with `otelgate lane --renew`")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// It cannot be written.
    #[error("{path}: cannot be written: {source}")]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Baseline {
    /// A new one.
    #[must_use]
    pub fn new(measured: Measured) -> Self {
        Self { version: VERSION, renew: "otelgate lane --renew".to_owned(), measured }
    }

    /// Reads one; `None` if there is none yet.
    ///
    /// # Errors
    /// If there is a file and it is no baseline.
    pub fn read(path: &Path) -> Result<Option<Self>, BaselineError> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(BaselineError::Unreadable { path: path.to_owned(), source }),
        };
        let damaged = |problem: String| BaselineError::Damaged { path: path.to_owned(), problem };
        let baseline: Self = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if baseline.version != VERSION {
            return Err(damaged(format!("is of version {}; this program knows version {VERSION}", baseline.version)));
        }
        Ok(Some(baseline))
    }

    /// Writes it, whole or not at all.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let written = || {
            // Temporary files are for their owner only; this one will be committed.
            let everyone = Permissions::from_mode(0o644);
            let mut file = tempfile::Builder::new().permissions(everyone).tempfile_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        written().map_err(|source| BaselineError::NotWritten { path: path.to_owned(), source })
    }
}
