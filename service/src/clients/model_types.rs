//! What goes to the model server and what comes back.

use crate::text::characters;

/// A question with its passages, as the chat model gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) system: String,
    pub(crate) user: String,
}

impl Prompt {
    /// In characters.
    pub(crate) fn length(&self) -> usize {
        characters(&self.system) + characters(&self.user)
    }
}

/// Vectors in the order of the texts.
#[derive(Debug, Clone)]
pub(crate) struct Vectors {
    pub(crate) items: Vec<Vec<f32>>,
    /// The model that answered.
    pub(crate) model: String,
    pub(crate) tokens: u64,
}

impl Vectors {
    pub(crate) fn dimension(&self) -> usize {
        self.items.first().map_or(0, Vec::len)
    }
}

/// An answer of the chat model.
#[derive(Debug, Clone, Default)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) id: String,
    /// The model that answered.
    pub(crate) model: String,
    pub(crate) finish_reasons: Vec<&'static str>,
    /// `None` if the server did not count.
    pub(crate) usage: Option<TokenUsage>,
}

/// Tokens the model server counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenUsage {
    pub(crate) prompt: u64,
    pub(crate) completion: u64,
}
