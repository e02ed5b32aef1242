//! The lines that only our own folders have.

use serde::{Deserialize, Serialize};

use crate::capture::LogVia;

/// A line of `scrapes.jsonl`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScrapeLine {
    /// Nanoseconds since the Unix epoch.
    pub(super) time: u64,
    pub(super) source: String,
    /// The file that holds the exposition text, relative to the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// The line of `metrics.jsonl`, from 1, that holds the families, where they are not simply those of the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) metrics_line: Option<usize>,
}

/// What a line of `stdout.jsonl` says beside its OTLP record.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StdoutLine {
    /// How the record reached the capture.
    pub(super) via: Via,
    /// Its position among all log records, from 0.
    pub(super) position: usize,
}

/// A log record's way, as written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Via {
    StdoutJson,
    StdoutText,
}

impl Via {
    /// How to write it; OTLP records stand in a file of their own.
    pub(super) fn of(via: LogVia) -> Option<Self> {
        match via {
            LogVia::Otlp => None,
            LogVia::StdoutJson => Some(Self::StdoutJson),
            LogVia::StdoutText => Some(Self::StdoutText),
        }
    }
}

impl From<Via> for LogVia {
    fn from(via: Via) -> Self {
        match via {
            Via::StdoutJson => Self::StdoutJson,
            Via::StdoutText => Self::StdoutText,
        }
    }
}
