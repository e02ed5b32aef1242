//! Prometheus exposition text, classic and OpenMetrics, as metric families.
//!
//! Own code, although the `prometheus-parse` crate exists: its label pattern ends at the first `}` and its labels split
//! at every `,` and `=`, so that `http_route="/topics/{id}"` or a URL as a label is misread, and lines it does not
//! understand are skipped. A gate may do neither. A test holds this parser against it on the text both can read.

mod assembly;
mod draft;
mod error;
mod kind;
mod line;
mod number;

pub use error::ExpositionError;

use self::assembly::Assembly;
use super::{Family, Interner, Scrape};

/// The families in `text`, in order of appearance.
///
/// Both formats are read; a text that ends in `# EOF` is OpenMetrics, where times are in seconds and a counter's family
/// has the name without `_total`.
///
/// # Errors
/// The first line that is not exposition text, or that contradicts an earlier one.
pub fn parse(text: &str) -> Result<Vec<Family>, ExpositionError> {
    let mut assembly = Assembly::new(is_openmetrics(text));
    let mut ended = false;
    for (index, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let read = match line::parse(line) {
            Ok(line::Line::Blank) => Ok(()),
            Ok(_) if ended => Err("text after `# EOF`".to_owned()),
            Ok(line::Line::End) => {
                ended = true;
                Ok(())
            }
            Ok(content) => assembly.add(index + 1, content),
            Err(reason) => Err(reason),
        };
        read.map_err(|reason| ExpositionError::new(index + 1, line, reason))?;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    assembly
        .finish(&mut Interner::default())
        .map_err(|(line, reason)| ExpositionError::new(line, lines.get(line - 1).copied().unwrap_or_default(), reason))
}

impl Scrape {
    /// A scrape of an exposition endpoint: the text, and the families in it.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn of_exposition(time: u64, source: &str, text: String) -> Result<Self, ExpositionError> {
        let families = parse(&text)?;
        Ok(Self { time, source: source.into(), text, families })
    }
}

fn is_openmetrics(text: &str) -> bool {
    text.trim_end().lines().next_back().is_some_and(|last| last.trim() == "# EOF")
}
