//! The stand-in for a vector database: an exact search.

use super::documents::{DOCUMENTS, text};
use super::vector::{dot, vector_of};

/// A document that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hit {
    pub(crate) document: usize,
    /// The cosine of its vector and the query's.
    pub(crate) score: f32,
}

/// The documents with their vectors.
pub(crate) struct Index {
    documents: Vec<(String, Vec<f32>)>,
}

impl Index {
    pub(super) fn new() -> Self {
        let document = |number| {
            let text = text(number);
            let vector = vector_of(&text);
            (text, vector)
        };
        Self { documents: (0..DOCUMENTS).map(document).collect() }
    }

    /// The documents nearest to a vector, best first.
    pub(super) async fn search(&self, vector: &[f32], limit: usize) -> Vec<Hit> {
        tokio::task::yield_now().await;
        let scored = self.documents.iter().enumerate();
        let mut hits: Vec<Hit> =
            scored.map(|(document, (_, other))| Hit { document, score: dot(vector, other) }).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document)));
        hits.truncate(limit);
        hits
    }

    /// The text of a document that was found.
    pub(super) fn text(&self, document: usize) -> &str {
        self.documents.get(document).map_or("", |(text, _)| text)
    }
}
