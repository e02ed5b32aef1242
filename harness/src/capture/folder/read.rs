//! Reads files of lines, compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;
use serde::de::DeserializeOwned;

use super::blocks::{self, Block, Blocks};
use super::error::{LoadError, LoadErrorKind};
use crate::capture::otlp::json;
use crate::capture::{Family, Interner, LogRecord, Span};

/// The first bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What a file of OTLP JSON holds.
#[derive(Default)]
pub(super) struct Telemetry {
    pub(super) spans: Vec<Span>,
    /// The metrics, one entry a line.
    pub(super) metrics: Vec<Vec<Family>>,
    pub(super) logs: Vec<LogRecord>,
    /// How many lines there were, empty ones not counted.
    pub(super) lines: usize,
}

impl Telemetry {
    pub(super) fn append(&mut self, mut more: Self) {
        self.spans.append(&mut more.spans);
        self.metrics.append(&mut more.metrics);
        self.logs.append(&mut more.logs);
        self.lines += more.lines;
    }
}

/// Reads a file of OTLP JSON, of any signals.
pub(super) fn telemetry(path: &Path) -> Result<Telemetry, LoadError> {
    let mut blocks = Blocks::new(open(path)?);
    let parts = blocks::map(&mut blocks, |block, strings| telemetry_block(path, block, strings), read_error(path))?;
    let mut all = Telemetry::default();
    all.spans.reserve_exact(parts.iter().map(|part| part.spans.len()).sum());
    for part in parts {
        all.append(part);
    }
    Ok(all)
}

fn telemetry_block(path: &Path, block: &Block, strings: &mut Interner) -> Result<Telemetry, LoadError> {
    let mut all = Telemetry::default();
    for line in Lines::of(block) {
        let text = line.text(path)?;
        let mut batch = json::read(text, strings).map_err(|error| line.error(path, &error))?;
        if batch.foreign {
            let reason = "none of resourceSpans, resourceMetrics and resourceLogs: not OTLP JSON";
            return Err(line.bad(path, reason));
        }
        all.spans.append(&mut batch.spans);
        all.metrics.extend(batch.families);
        all.logs.append(&mut batch.logs);
        all.lines += 1;
    }
    Ok(all)
}

/// Reads a file of one JSON value a line.
pub(super) fn values<T: DeserializeOwned + Send>(path: &Path) -> Result<Vec<T>, LoadError> {
    let each = |block: &Block, _: &mut Interner| {
        Lines::of(block)
            .map(|line| serde_json::from_str(line.text(path)?).map_err(|error| line.error(path, &error)))
            .collect::<Result<Vec<T>, LoadError>>()
    };
    let mut blocks = Blocks::new(open(path)?);
    let parts = blocks::map(&mut blocks, each, read_error(path))?;
    Ok(parts.into_iter().flatten().collect())
}

fn open(path: &Path) -> Result<Box<dyn Read>, LoadError> {
    let failed = |error| LoadError::new(path, LoadErrorKind::Io(error));
    let mut file = BufReader::new(File::open(path).map_err(failed)?);
    // By content, because rotated and copied files lose their extension.
    let is_gzip = file.fill_buf().map_err(failed)?.starts_with(&GZIP);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

fn read_error<R: Read>(path: &Path) -> impl Fn(io::Error, &Blocks<R>) -> LoadError {
    |error, blocks| {
        let (line, offset) = blocks.position();
        // A gzip file that is still being written, or was cut.
        let kind =
            if error.kind() == ErrorKind::UnexpectedEof { LoadErrorKind::Truncated } else { LoadErrorKind::Io(error) };
        LoadError::at(path, line, offset, kind)
    }
}

/// The lines of a block.
struct Lines<'a> {
    rest: &'a [u8],
    line: usize,
    offset: u64,
}

/// One line, without its line break.
struct Line<'a> {
    bytes: &'a [u8],
    number: usize,
    offset: u64,
}

impl<'a> Lines<'a> {
    fn of(block: &'a Block) -> Self {
        Self { rest: &block.bytes, line: block.line, offset: block.offset }
    }
}

/// Lines that are not blank.
impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        while !self.rest.is_empty() {
            let end = memchr::memchr(b'\n', self.rest).map_or(self.rest.len(), |end| end + 1);
            let (bytes, rest) = self.rest.split_at(end);
            let line = Line { bytes: bytes.trim_ascii_end(), number: self.line, offset: self.offset };
            self.rest = rest;
            self.line += 1;
            self.offset += u64::try_from(end).unwrap_or(u64::MAX);
            if !line.bytes.is_empty() {
                return Some(line);
            }
        }
        None
    }
}

impl<'a> Line<'a> {
    fn text(&self, path: &Path) -> Result<&'a str, LoadError> {
        std::str::from_utf8(self.bytes).map_err(|error| {
            let kind = match error.error_len() {
                None => LoadErrorKind::Truncated,
                Some(_) => LoadErrorKind::BadLine("not UTF-8, which JSON has to be".to_owned()),
            };
            self.at(path, error.valid_up_to(), kind)
        })
    }

    fn error(&self, path: &Path, error: &serde_json::Error) -> LoadError {
        let kind = if error.is_eof() { LoadErrorKind::Truncated } else { LoadErrorKind::BadLine(message(error)) };
        self.at(path, error.column().saturating_sub(1), kind)
    }

    fn bad(&self, path: &Path, reason: &str) -> LoadError {
        self.at(path, 0, LoadErrorKind::BadLine(reason.to_owned()))
    }

    /// An error at that byte of the line.
    fn at(&self, path: &Path, byte: usize, kind: LoadErrorKind) -> LoadError {
        LoadError::at(path, self.number, self.offset + u64::try_from(byte).unwrap_or(u64::MAX), kind)
    }
}

/// The error without its position, which is that in the line and would confuse beside that in the file.
fn message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).map_or(text.clone(), str::to_owned)
}
