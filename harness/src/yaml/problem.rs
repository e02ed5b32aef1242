//! What is wrong with a file, and where.

use std::fmt;

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file, as it was named.
    pub file: String,
    /// Where in it; `None` if it concerns the file as a whole.
    pub at: Option<Position>,
    /// What is wrong and what to do.
    pub message: String,
}

/// A place in a text file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Problem {
    /// A problem of the file as a whole.
    pub(crate) fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), at: None, message: message.into() }
    }

    /// `contract.yaml:3:5`, or the file alone.
    #[must_use]
    pub fn place(&self) -> String {
        self.at.map_or_else(|| self.file.clone(), |at| format!("{}:{at}", self.file))
    }
}

/// `contract.yaml:3:5: what is wrong`; further lines of the message are indented.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.message.trim_end().replace('\n', "\n    "))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// How alike (0..=1, Jaro-Winkler) a name must be to be offered in place of another.
const ALIKE: f64 = 0.75;

/// The one of `known` that is most like `name`, if any is like it at all.
fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean `x`?)`, or nothing.
pub(crate) fn did_you_mean<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(name, known).map(|nearest| format!(" (did you mean `{nearest}`?)")).unwrap_or_default()
}
