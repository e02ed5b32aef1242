//! What a judgement says.

use serde::{Deserialize, Serialize};

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// What kind it is, for programs: `conservation.receiver`.
    pub id: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// What was to be.
    pub wanted: String,
    /// What was.
    pub found: String,
    /// What to do.
    pub todo: String,
}

impl Violation {
    /// One of kind `id`.
    #[must_use]
    pub fn new(id: &str, message: impl Into<String>) -> Self {
        let [wanted, found, todo] = [const { String::new() }; 3];
        Self { id: id.to_owned(), message: message.into(), wanted, found, todo }
    }

    /// With what was to be and what was.
    #[must_use]
    pub fn wanted_found(mut self, wanted: impl Into<String>, found: impl Into<String>) -> Self {
        (self.wanted, self.found) = (wanted.into(), found.into());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn todo(mut self, todo: impl Into<String>) -> Self {
        self.todo = todo.into();
        self
    }
}

/// What adds up and what does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// What does not.
    pub violations: Vec<Violation>,
    /// What is worth knowing although it adds up: what was dropped and declared.
    pub notes: Vec<String>,
}
