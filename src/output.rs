//! Standard output for results, standard error for what went wrong.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use otelgate_harness::stack::StackError;
use otelgate_harness::stack::containers::Kept;

use crate::cli::{Colour, Output};
use crate::exit::Failure;

/// Columns of a report where standard output is no terminal or its width is not known.
const WIDTH: usize = 100;

/// Whether to print colours.
pub(crate) fn colour(output: &Output) -> bool {
    match output.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => io::stdout().is_terminal() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
    }
}

/// Columns to fill.
pub(crate) fn width() -> usize {
    WIDTH
}

/// Writes a result to standard output. A reader that has gone away (`| head`) is no failure.
pub(crate) fn write(print: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match print(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Environment(format!("the result cannot be written to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Adds to the step summary of a GitHub workflow, where there is one.
pub(crate) fn step_summary(text: &str) -> Result<(), Failure> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY") else { return Ok(()) };
    let append = || std::fs::OpenOptions::new().create(true).append(true).open(&path)?.write_all(text.as_bytes());
    append().map_err(|error| Failure::Environment(format!("the step summary cannot be written: {error}")))
}

/// Prints names and URLs, one a line.
pub(crate) fn addresses(addresses: &[(String, String)]) -> Result<(), Failure> {
    let longest = addresses.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    write(|out| addresses.iter().try_for_each(|(name, url)| writeln!(out, "{name:longest$}  {url}")))
}

/// Says on standard error what there still is of a stack: what was kept, and what could not be removed.
pub(crate) fn what_is_left(kept: Option<&Kept>, left: Option<&StackError>) {
    if let Some(kept) = kept {
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(anstream::stderr(), "{kept}");
    }
    if let Some(left) = left {
        error(&left.to_string());
    }
}

/// Says something on standard error.
pub(crate) fn note(text: &str) {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Says on standard error why there is no verdict.
pub(crate) fn error(text: &str) {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(anstream::stderr(), "error: {text}");
}
