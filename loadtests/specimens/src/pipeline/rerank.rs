//! Reranking: by how many of the question's words a document has.

use std::collections::BTreeSet;

use super::{Hit, Index, Question};

/// A document in its final place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) document: usize,
    pub(crate) score: f32,
}

pub(super) fn rerank(question: &Question, index: &Index, hits: &[Hit], top_k: usize) -> Vec<Ranked> {
    let asked: BTreeSet<&str> = question.text.split_whitespace().collect();
    let rank = |hit: &Hit| {
        let shared = index.text(hit.document).split_whitespace().filter(|word| asked.contains(word)).count();
        // Each shared word counts as a tenth of perfect likeness.
        let bonus = f32::from(u16::try_from(shared).unwrap_or(u16::MAX)) / 10.0;
        Ranked { document: hit.document, score: hit.score + bonus }
    };
    let mut ranked: Vec<Ranked> = hits.iter().map(rank).collect();
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document)));
    ranked.truncate(top_k);
    ranked
}
