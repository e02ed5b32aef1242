//! A line that is not exposition text.

/// Most of a bad line that is worth showing, in characters.
const SHOWN: usize = 120;

/// Why a text is no exposition text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}: `{text}`")]
pub struct ExpositionError {
    /// The line, from 1.
    pub line: usize,
    /// The line's text, cut after 120 characters.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ExpositionError {
    pub(super) fn new(line: usize, text: &str, reason: String) -> Self {
        let mut shown: String = text.chars().take(SHOWN).collect();
        if text.chars().nth(SHOWN).is_some() {
            shown.push('…');
        }
        Self { line, text: shown, reason }
    }
}
