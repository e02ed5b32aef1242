//! What the model is told.

use std::fmt::Write as _;

use super::{Passage, Question};
use crate::clients::Prompt;

/// The instruction, then the numbered passages and the question.
pub(super) fn prompt(instruction: &str, question: &Question, passages: &[Passage]) -> Prompt {
    let mut user = String::from("Passages:\n");
    for (number, passage) in (1..).zip(passages) {
        // Writing to a string cannot fail.
        let _ = writeln!(user, "[{number}] {}: {}", passage.title, passage.text);
    }
    let _ = write!(user, "\nQuestion: {}", question.text);
    Prompt { system: instruction.to_owned(), user }
}
