//! Reads a capture folder, and what the OpenTelemetry Collector's file exporter wrote.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::arrived;
use super::error::{LoadError, LoadErrorKind};
use super::file;
use super::header::{self, Counts};
use super::lines::{ScrapeLine, StdoutLine};
use super::read::{self, Telemetry};
use crate::capture::{Capture, Family, LogRecord, Run, Scrape, exposition};

/// Loads a capture: a folder that [`save`](super::save) wrote; or a file, or a folder of files, of OTLP JSON that the
/// Collector's file exporter wrote, rotated or not, compressed with gzip or not.
///
/// Spans come in the order of their lines; files of a folder in the order of their names, in which the Collector's
/// rotation is the order of time. Such a capture has no run and no exchanges.
///
/// # Errors
/// Whatever keeps part of the capture from being read, with file, line and byte. Nothing is left out silently.
pub fn load(path: &Path) -> Result<Capture, LoadError> {
    let metadata = fs::metadata(path).map_err(|error| {
        let missing = error.kind() == ErrorKind::NotFound;
        LoadError::new(path, if missing { LoadErrorKind::Missing } else { LoadErrorKind::Io(error) })
    })?;
    if metadata.is_file() {
        return of_collector(&[path.to_owned()]);
    }
    if !metadata.is_dir() {
        return Err(LoadError::new(path, LoadErrorKind::NotAFolder));
    }
    if path.join(file::RUN).exists() {
        return own(path);
    }
    if path.join(file::EXCHANGES).exists() {
        return Err(LoadError::new(path, LoadErrorKind::Unfinished));
    }
    let files = json_files(path)?;
    if files.is_empty() {
        return Err(LoadError::new(path, LoadErrorKind::EmptyFolder));
    }
    of_collector(&files)
}

/// The files of a folder that are named like JSON, in the order of their names.
fn json_files(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |error| LoadError::new(dir, LoadErrorKind::Io(error));
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        if [".json", ".jsonl", ".ndjson"].iter().any(|extension| name.ends_with(extension)) && path.is_file() {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

fn of_collector(files: &[PathBuf]) -> Result<Capture, LoadError> {
    let mut all = Telemetry::default();
    for path in files {
        all.append(read::telemetry(path)?);
    }
    if all.lines == 0 {
        let path = files.first().map_or(Path::new(""), PathBuf::as_path);
        return Err(LoadError::new(path, LoadErrorKind::EmptyFile));
    }
    let scrapes = all.metrics.into_iter().map(|families| Scrape {
        // Nobody noted when the request came: the latest time in it is the nearest there is.
        time: families.iter().flat_map(|family| &family.points).map(|point| point.time).max().unwrap_or(0),
        source: Scrape::OTLP.into(),
        text: String::new(),
        families,
    });
    Ok(Capture { scrapes: scrapes.collect(), spans: all.spans, logs: all.logs, ..Capture::default() })
}

fn own(dir: &Path) -> Result<Capture, LoadError> {
    // First, because another version may have other files.
    let (run, counts) = header(&dir.join(file::RUN))?;
    for name in file::ALL {
        let path = dir.join(name);
        if !path.exists() {
            return Err(LoadError::new(&path, LoadErrorKind::MissingFile));
        }
    }
    let capture = Capture {
        run,
        spans: read::telemetry(&dir.join(file::TRACES))?.spans,
        scrapes: scrapes(dir)?,
        logs: logs(dir)?,
        exchanges: read::values(&dir.join(file::EXCHANGES))?,
        arrived: arrived::load(&dir.join(file::ARRIVED))?,
    };
    let Counts { spans, scrapes, logs, exchanges, arrived_spans } = counts;
    let stored = capture.arrived.traces.as_ref().map_or(0, Vec::len);
    for (what, name, wanted, found) in [
        ("arrived spans", arrived::TRACES, arrived_spans.unwrap_or(0), stored),
        ("spans", file::TRACES, spans, capture.spans.len()),
        ("scrapes", file::SCRAPES, scrapes, capture.scrapes.len()),
        ("logs", file::LOGS, logs, capture.logs.len()),
        ("exchanges", file::EXCHANGES, exchanges, capture.exchanges.len()),
    ] {
        if wanted != found {
            return Err(LoadError::new(&dir.join(name), LoadErrorKind::Count { what, wanted, found }));
        }
    }
    Ok(capture)
}

/// The run and the counts of a `run.json`.
fn header(path: &Path) -> Result<(Run, Counts), LoadError> {
    let text = fs::read_to_string(path).map_err(|error| LoadError::new(path, LoadErrorKind::Io(error)))?;
    let bad = |error: &serde_json::Error| {
        let kind = if error.is_eof() { LoadErrorKind::Truncated } else { LoadErrorKind::BadLine(error.to_string()) };
        LoadError { line: Some(error.line()).filter(|line| *line > 0), ..LoadError::new(path, kind) }
    };
    let mut members: serde_json::Map<String, Json> = serde_json::from_str(&text).map_err(|error| bad(&error))?;
    // Before anything else: a later version may have changed everything else.
    let format = members.remove("format").unwrap_or_default();
    if format != header::FORMAT {
        return Err(LoadError::new(path, LoadErrorKind::Format { found: format.to_string() }));
    }
    let version = members.remove("version").unwrap_or_default();
    if version != header::VERSION {
        return Err(LoadError::new(path, LoadErrorKind::Version { found: version.to_string() }));
    }
    let counts = members.remove("counts").unwrap_or_default();
    let counts = serde_json::from_value(counts).map_err(|error| bad(&error))?;
    let run = serde_json::from_value(Json::Object(members)).map_err(|error| bad(&error))?;
    Ok((run, counts))
}

fn scrapes(dir: &Path) -> Result<Vec<Scrape>, LoadError> {
    let index_path = dir.join(file::SCRAPES);
    let mut structured: Vec<Option<Vec<Family>>> =
        read::telemetry(&dir.join(file::METRICS))?.metrics.into_iter().map(Some).collect();
    let mut take = |line: usize| structured.get_mut(line.checked_sub(1)?)?.take();
    let mut scrapes = Vec::new();
    for (number, line) in read::values::<ScrapeLine>(&index_path)?.into_iter().enumerate() {
        let text = match &line.text {
            Some(name) => read_text(dir, name, &index_path)?,
            None => String::new(),
        };
        let families = match (line.metrics_line, &line.text) {
            (Some(wanted), _) => take(wanted).ok_or_else(|| {
                let reason = format!("line {wanted} of {} does not exist, or belongs to another scrape", file::METRICS);
                LoadError { line: Some(number + 1), ..LoadError::new(&index_path, LoadErrorKind::BadLine(reason)) }
            })?,
            (None, Some(name)) => exposition::parse(&text).map_err(|error| {
                let kind = LoadErrorKind::BadLine(format!("{}: `{}`", error.reason, error.text));
                LoadError { line: Some(error.line), ..LoadError::new(&dir.join(name), kind) }
            })?,
            (None, None) => Vec::new(),
        };
        scrapes.push(Scrape { time: line.time, source: line.source.into(), text, families });
    }
    Ok(scrapes)
}

fn read_text(dir: &Path, name: &str, index_path: &Path) -> Result<String, LoadError> {
    // The name comes from a file that somebody may have sent us.
    let is_ours = name.strip_prefix("scrapes/").is_some_and(|rest| !rest.contains(['/', '\\']) && rest != "..");
    if !is_ours {
        let reason = format!("{name:?} is not a file of `{}/`", file::TEXTS);
        return Err(LoadError::new(index_path, LoadErrorKind::BadLine(reason)));
    }
    let path = dir.join(name);
    fs::read_to_string(&path).map_err(|error| {
        let missing = error.kind() == ErrorKind::NotFound;
        LoadError::new(&path, if missing { LoadErrorKind::MissingFile } else { LoadErrorKind::Io(error) })
    })
}

/// All log records in the order in which they came: those of standard output know their position.
fn logs(dir: &Path) -> Result<Vec<LogRecord>, LoadError> {
    let over_otlp = read::telemetry(&dir.join(file::LOGS))?.logs;
    let path = dir.join(file::STDOUT);
    let lines = read::values::<StdoutLine>(&path)?;
    let records = read::telemetry(&path)?.logs;
    if lines.len() != records.len() {
        let reason = format!("{} records on {} lines, where each has one", records.len(), lines.len());
        return Err(LoadError::new(&path, LoadErrorKind::BadLine(reason)));
    }
    let mut all = Vec::with_capacity(over_otlp.len() + records.len());
    let mut over_otlp = over_otlp.into_iter();
    for (line, record) in lines.into_iter().zip(records) {
        while all.len() < line.position
            && let Some(earlier) = over_otlp.next()
        {
            all.push(earlier);
        }
        all.push(LogRecord { via: line.via.into(), ..record });
    }
    all.extend(over_otlp);
    Ok(all)
}
