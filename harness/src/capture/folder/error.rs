//! What can go wrong with a capture folder, where, and what to do about it.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::header;

/// Why a capture was not loaded, and where in which file.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {kind}", path.display(), Place { line: *line, offset: *offset })]
pub struct LoadError {
    /// The file or folder.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The byte, from 0, of the file after decompression.
    pub offset: Option<u64>,
    /// What is wrong.
    #[source]
    pub kind: LoadErrorKind,
}

/// What is wrong with a capture folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadErrorKind {
    /// Nothing is there.
    #[error(
        "there is no such file or folder: give the folder that `--save` wrote, or what the Collector's file exporter wrote"
    )]
    Missing,
    /// A file that belongs to a saved capture is not there.
    #[error("this file of the capture is missing: restore it, or record the capture again")]
    MissingFile,
    /// It is a socket, a device or the like.
    #[error("this is neither a file nor a folder")]
    NotAFolder,
    /// The folder holds nothing to load.
    #[error("nothing to load: the folder holds neither `run.json` nor any .json or .jsonl file")]
    EmptyFolder,
    /// The file holds nothing to load.
    #[error("nothing to load: the file is empty")]
    EmptyFile,
    /// The folder was saved in part: the save ended before `run.json`.
    #[error("the save was interrupted before `run.json` was written: record the capture again")]
    Unfinished,
    /// A `run.json` that is not ours.
    #[error("this is not the `run.json` of a capture: its \"format\" is {found}, not \"{}\"", header::FORMAT)]
    Format {
        /// What it says, as JSON.
        found: String,
    },
    /// A capture of another version.
    #[error(
        "the capture is of version {found}, and this program reads version {}: use the program that wrote it, or record it again",
        header::VERSION
    )]
    Version {
        /// What it says, as JSON.
        found: String,
    },
    /// Less in the files than `run.json` says.
    #[error(
        "{found} {what} found where `run.json` counts {wanted}: restore the file, or correct \"counts\" if the change is meant"
    )]
    Count {
        /// Of what: `spans`, `logs`, `scrapes`, `exchanges`.
        what: &'static str,
        /// How many `run.json` says there are.
        wanted: usize,
        /// How many were found.
        found: usize,
    },
    /// The file ends, or the line does, in the middle of a record.
    #[error(
        "truncated in the middle of a line: the writer was stopped, or is still writing; remove the line or record again"
    )]
    Truncated,
    /// A line that is not what it should be.
    #[error("{0}")]
    BadLine(String),
    /// The file cannot be read.
    #[error("failed to read: {0}")]
    Io(#[source] io::Error),
}

impl LoadError {
    pub(super) fn new(path: &Path, kind: LoadErrorKind) -> Self {
        Self { path: path.to_owned(), line: None, offset: None, kind }
    }

    pub(super) fn at(path: &Path, line: usize, offset: u64, kind: LoadErrorKind) -> Self {
        Self { path: path.to_owned(), line: Some(line), offset: Some(offset), kind }
    }
}

struct Place {
    line: Option<usize>,
    offset: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(offset) = self.offset {
            write!(f, ", byte {offset}")?;
        }
        Ok(())
    }
}

/// Why a capture was not saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// The folder holds something that is not part of a saved capture.
    #[error("{} holds {other:?}, which is not part of a capture: choose an empty or a new folder", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// One thing in it.
        other: String,
    },
    /// A metric point that its family's kind cannot hold, so that no format can carry it.
    #[error("the metric {family} is a {kind} and has a point of another kind: correct the capture")]
    Misfit {
        /// The family's name.
        family: String,
        /// Its kind.
        kind: &'static str,
    },
    /// A file cannot be written.
    #[error("failed to write {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl SaveError {
    pub(super) fn io(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Io { path: path.to_owned(), source: source.into() }
    }
}
