//! A question that can be worked on.

/// A question about some topics. Neither is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// As it was asked, without the space around it.
    pub text: String,
    /// Where to look.
    pub topic_ids: Vec<String>,
}

impl Question {
    /// # Errors
    /// What is missing, in words for the one who asked.
    pub fn new(text: &str, topic_ids: Vec<String>) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Err("`query` is empty: ask something");
        }
        if topic_ids.is_empty() {
            return Err("`topic_ids` is empty: name at least one topic");
        }
        if topic_ids.iter().any(|topic| topic.trim().is_empty()) {
            return Err("`topic_ids` has an empty entry: remove it");
        }
        Ok(Self { text: text.to_owned(), topic_ids })
    }
}
