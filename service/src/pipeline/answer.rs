//! Passages and the answer made from them.

use serde::{Deserialize, Serialize};

/// A piece of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Passage {
    pub(crate) document_id: String,
    pub(crate) title: String,
    /// Which piece of the document, from 0.
    pub(crate) chunk: u32,
    pub(crate) text: String,
    /// How well it fits the question; higher is better.
    pub(crate) score: f64,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text.
    pub answer: String,
    /// The documents it was made from, the best first.
    pub sources: Vec<Source>,
    /// The passages it was made from, the best first.
    pub context: Vec<ContextItem>,
    /// Whether it was remembered from an earlier question.
    #[serde(default)]
    pub cached: bool,
}

/// A document an answer was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// The id it was ingested under.
    pub document_id: String,
    /// Its title.
    pub title: String,
    /// The score of its best passage.
    pub score: f64,
}

/// A passage an answer was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextItem {
    /// The document.
    pub document_id: String,
    /// Which piece of it, from 0.
    pub chunk: u32,
    /// The piece.
    pub text: String,
    /// How well it fits the question.
    pub score: f64,
}

impl Answer {
    pub(crate) fn new(answer: String, passages: Vec<Passage>) -> Self {
        let mut sources: Vec<Source> = Vec::new();
        for passage in &passages {
            if !sources.iter().any(|source| source.document_id == passage.document_id) {
                sources.push(Source {
                    document_id: passage.document_id.clone(),
                    title: passage.title.clone(),
                    score: passage.score,
                });
            }
        }
        let context = passages
            .into_iter()
            .map(|Passage { document_id, chunk, text, score, .. }| ContextItem { document_id, chunk, text, score })
            .collect();
        Self { answer, sources, context, cached: false }
    }

    /// The answer when no passage was found. The model is not asked: it would make one up.
    pub(crate) fn nothing_found() -> Self {
        Self::new("No document of these topics answers the question.".to_owned(), Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_with_two_passages_is_one_source_with_the_better_score() {
        let passage = |document_id: &str, chunk, score| Passage {
            document_id: document_id.to_owned(),
            title: "t".to_owned(),
            chunk,
            text: "x".to_owned(),
            score,
        };

        let answer = Answer::new(String::new(), vec![passage("a", 1, 0.9), passage("b", 0, 0.8), passage("a", 0, 0.7)]);

        let sources: Vec<_> = answer.sources.iter().map(|source| (source.document_id.as_str(), source.score)).collect();
        assert_eq!(sources, [("a", 0.9), ("b", 0.8)]);
        assert_eq!(answer.context.len(), 3);
    }
}
