//! Writes a capture folder.

use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write};
use std::path::Path;

use serde::Serialize;

use super::arrived;
use super::error::SaveError;
use super::file;
use super::header::Header;
use super::lines::{ScrapeLine, StdoutLine, Via};
use crate::capture::otlp::{self, json};
use crate::capture::{Capture, LogRecord, LogVia, Scrape, Span, exposition};

/// Most records on a line: enough to spare the repeated resource, few enough to be read in parallel.
const RECORDS_PER_LINE: usize = 512;

/// Saves a capture into a folder, which is made if it is not there. An older capture in it is replaced.
///
/// # Errors
/// The folder holds something else, a file cannot be written, or a metric has a point of another kind.
pub fn save(capture: &Capture, dir: &Path) -> Result<(), SaveError> {
    for family in capture.scrapes.iter().flat_map(|scrape| &scrape.families) {
        if family.points.iter().any(|point| !otlp::fits(family.kind, &point.value)) {
            return Err(SaveError::Misfit { family: family.name.to_string(), kind: family.kind.name() });
        }
    }
    clear(dir)?;
    // Last comes the file that makes the folder a capture: what was not finished is not taken for one.
    write_lines(&dir.join(file::EXCHANGES), capture.exchanges.iter())?;
    write_scrapes(&capture.scrapes, dir)?;
    write_spans(&capture.spans, &dir.join(file::TRACES))?;
    let over_otlp: Vec<&LogRecord> = capture.logs.iter().filter(|record| record.via == LogVia::Otlp).collect();
    write_lines(&dir.join(file::LOGS), over_otlp.chunks(RECORDS_PER_LINE).map(json::logs))?;
    write_stdout(&capture.logs, &dir.join(file::STDOUT))?;
    arrived::save(&capture.arrived, &dir.join(file::ARRIVED))?;
    write_pretty(&Header::of(capture), &dir.join(file::RUN))
}

/// Says beforehand whether [`save`] would refuse `dir` for what it holds. Changes nothing.
///
/// # Errors
/// The folder holds something else than a capture, or cannot be read.
pub fn check_target(dir: &Path) -> Result<(), SaveError> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| SaveError::io(dir, error))?,
    };
    for entry in entries {
        let name = entry.map_err(|error| SaveError::io(dir, error))?.file_name();
        if !file::ALL.iter().chain(&file::FOLDERS).any(|known| *known == name) {
            return Err(SaveError::Occupied { path: dir.to_owned(), other: name.to_string_lossy().into_owned() });
        }
    }
    Ok(())
}

/// Makes the folder, or removes the older capture from it.
fn clear(dir: &Path) -> Result<(), SaveError> {
    check_target(dir)?;
    fs::create_dir_all(dir).map_err(|error| SaveError::io(dir, error))?;
    for name in file::ALL.into_iter().chain([file::ARRIVED]) {
        let path = dir.join(name);
        let removed = if file::FOLDERS.contains(&name) { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(SaveError::io(&path, error)),
            _ => {}
        }
    }
    Ok(())
}

/// Writes spans as OTLP JSON.
pub(super) fn write_spans(spans: &[Span], path: &Path) -> Result<(), SaveError> {
    write_lines(path, spans.chunks(RECORDS_PER_LINE).map(json::traces))
}

/// Writes a value as indented JSON.
pub(super) fn write_pretty<T: Serialize>(value: &T, path: &Path) -> Result<(), SaveError> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|error| SaveError::io(path, error))?;
    text.push(b'\n');
    fs::write(path, text).map_err(|error| SaveError::io(path, error))
}

/// Writes each value on a line of its own.
pub(super) fn write_lines<T: Serialize>(path: &Path, lines: impl Iterator<Item = T>) -> Result<(), SaveError> {
    let mut out = BufWriter::new(File::create(path).map_err(|error| SaveError::io(path, error))?);
    for line in lines {
        serde_json::to_writer(&mut out, &line).map_err(|error| SaveError::io(path, error))?;
        out.write_all(b"\n").map_err(|error| SaveError::io(path, error))?;
    }
    out.flush().map_err(|error| SaveError::io(path, error))
}

fn write_scrapes(scrapes: &[Scrape], dir: &Path) -> Result<(), SaveError> {
    let texts = dir.join(file::TEXTS);
    fs::create_dir_all(&texts).map_err(|error| SaveError::io(&texts, error))?;
    let mut index = Vec::new();
    let mut structured = Vec::new();
    for (number, scrape) in scrapes.iter().enumerate() {
        let mut line = ScrapeLine { time: scrape.time, source: scrape.source.to_string(), ..ScrapeLine::default() };
        if !scrape.text.is_empty() {
            let name = format!("{}/{number:04}.prom", file::TEXTS);
            let path = dir.join(&name);
            fs::write(&path, &scrape.text).map_err(|error| SaveError::io(&path, error))?;
            line.text = Some(name);
        }
        if !is_text_alone(scrape) {
            structured.push(json::metrics(&scrape.families));
            line.metrics_line = Some(structured.len());
        }
        index.push(line);
    }
    write_lines(&dir.join(file::METRICS), structured.iter())?;
    write_lines(&dir.join(file::SCRAPES), index.iter())
}

/// Whether the families are those of the text, so that the text says it all. A test may have changed them.
fn is_text_alone(scrape: &Scrape) -> bool {
    // Compared as printed: `NaN` is a common sample, and unlike itself.
    !scrape.text.is_empty()
        && exposition::parse(&scrape.text)
            .is_ok_and(|families| format!("{families:?}") == format!("{:?}", scrape.families))
}

fn write_stdout(logs: &[LogRecord], path: &Path) -> Result<(), SaveError> {
    /// An OTLP document with two members more, which OTLP's readers ignore.
    #[derive(Serialize)]
    struct Line<D> {
        #[serde(flatten)]
        line: StdoutLine,
        #[serde(flatten)]
        document: D,
    }

    let records: Vec<_> = logs
        .iter()
        .enumerate()
        .filter_map(|(position, record)| Some((StdoutLine { via: Via::of(record.via)?, position }, [record])))
        .collect();
    let lines = records.iter().map(|(line, record)| Line {
        line: StdoutLine { via: line.via, position: line.position },
        document: json::logs(record),
    });
    write_lines(path, lines)
}
