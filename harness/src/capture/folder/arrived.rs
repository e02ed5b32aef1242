//! The folder `arrived/` of a capture.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::error::{LoadError, LoadErrorKind, SaveError};
use super::read;
use super::save::{write_lines, write_pretty, write_spans};
use crate::capture::Arrived;

/// The trace store's spans, from the capture's folder.
pub(super) const TRACES: &str = "arrived/traces.jsonl";

const BACK_ENDS_FILE: &str = "back-ends.json";
const TRACES_FILE: &str = "traces.jsonl";
const METRICS_FILE: &str = "metrics.json";
const PANELS_FILE: &str = "panels.json";
const TRIAL_FILE: &str = "alerts.json";
const ALL: [&str; 5] = [BACK_ENDS_FILE, TRACES_FILE, METRICS_FILE, PANELS_FILE, TRIAL_FILE];

/// Writes the folder, unless there is nothing to write.
pub(super) fn save(arrived: &Arrived, dir: &Path) -> Result<(), SaveError> {
    if arrived.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(|error| SaveError::io(dir, error))?;
    write_pretty(&arrived.back_ends, &dir.join(BACK_ENDS_FILE))?;
    if let Some(spans) = &arrived.traces {
        write_spans(spans, &dir.join(TRACES_FILE))?;
    }
    if let Some(metrics) = &arrived.metrics {
        // One line: thousands of samples, indented, would be most of a capture.
        write_lines(&dir.join(METRICS_FILE), std::iter::once(metrics))?;
    }
    if let Some(panels) = &arrived.panels {
        write_pretty(panels, &dir.join(PANELS_FILE))?;
    }
    if let Some(trial) = &arrived.trial {
        write_pretty(trial, &dir.join(TRIAL_FILE))?;
    }
    Ok(())
}

/// Reads the folder; captures of runs without back ends, and older ones, have none.
pub(super) fn load(dir: &Path) -> Result<Arrived, LoadError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Arrived::default()),
        entries => entries.map_err(|error| LoadError::new(dir, LoadErrorKind::Io(error)))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| LoadError::new(dir, LoadErrorKind::Io(error)))?;
        let name = entry.file_name();
        if !ALL.iter().any(|known| *known == name) {
            let reason = format!(
                "this is no file of `arrived/`, which holds {}: remove it, or use the program that wrote it",
                ALL.join(", ")
            );
            return Err(LoadError::new(&entry.path(), LoadErrorKind::BadLine(reason)));
        }
    }
    let traces = dir.join(TRACES_FILE);
    Ok(Arrived {
        back_ends: json(&dir.join(BACK_ENDS_FILE))?
            .ok_or_else(|| LoadError::new(&dir.join(BACK_ENDS_FILE), LoadErrorKind::MissingFile))?,
        traces: if traces.exists() { Some(read::telemetry(&traces)?.spans) } else { None },
        metrics: json(&dir.join(METRICS_FILE))?,
        panels: json(&dir.join(PANELS_FILE))?,
        trial: json(&dir.join(TRIAL_FILE))?,
    })
}

/// Reads a file of one JSON value; `None` if there is no such file.
fn json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, LoadError> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text.map_err(|error| LoadError::new(path, LoadErrorKind::Io(error)))?,
    };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        let kind = if error.is_eof() { LoadErrorKind::Truncated } else { LoadErrorKind::BadLine(error.to_string()) };
        LoadError { line: Some(error.line()), ..LoadError::new(path, kind) }
    })
}
