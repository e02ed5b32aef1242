//! The prompt: instructions, documents, question.

use std::fmt::Write as _;

use super::{Index, Question, Ranked};

/// A prompt.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) text: String,
    /// Its words.
    pub(crate) tokens: usize,
}

pub(super) fn build(question: &Question, index: &Index, ranked: &[Ranked]) -> Prompt {
    let mut text = String::from("Answer from these documents only.\n");
    for (place, ranked) in ranked.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "[{}] {}", place + 1, index.text(ranked.document));
    }
    let _ = writeln!(text, "Question: {}", question.text);
    let tokens = text.split_whitespace().count();
    Prompt { text, tokens }
}
