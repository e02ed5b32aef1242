//! What the service does: it answers a question from its documents, as a RAG service does.
//!
//! The stand-ins for cache, index and models are in the process and answer at once, but they suspend their caller once,
//! as a socket would, and what a client does for a call (serialise, parse) is done. An answer depends on the question
//! alone.

mod cache;
mod documents;
mod index;
mod model;
mod prompt;
mod rerank;
mod vector;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::instrument::Instrument;
use crate::metrics::Metrics;

pub(crate) use cache::Cache;
pub(crate) use index::{Hit, Index};
pub(crate) use model::{Completion, Embedding, Model};
pub(crate) use prompt::Prompt;
pub(crate) use rerank::Ranked;

/// How many documents the search returns.
pub(crate) const SEARCH_LIMIT: usize = 10;
/// How many of them go into the prompt.
pub(crate) const TOP_K: usize = 5;

/// A question.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Question {
    /// Its text.
    #[serde(rename = "query")]
    pub(crate) text: String,
}

/// An answer, and the documents it is from, best first.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Answer {
    #[serde(rename = "answer")]
    pub(crate) text: String,
    pub(crate) sources: Vec<Source>,
    pub(crate) tokens: usize,
    /// Whether it was in the cache.
    #[serde(skip)]
    pub(crate) cached: bool,
}

/// A document an answer is from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Source {
    pub(crate) document: usize,
    pub(crate) score: f32,
}

/// What is done for a question, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    CacheGet,
    Embedding,
    VectorSearch,
    Rerank,
    Prompt,
    Chat,
    CacheSet,
}

impl Stage {
    pub(crate) const ALL: [Self; 7] =
        [Self::CacheGet, Self::Embedding, Self::VectorSearch, Self::Rerank, Self::Prompt, Self::Chat, Self::CacheSet];

    /// Its name, as metrics spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CacheGet => "cache_get",
            Self::Embedding => "embedding",
            Self::VectorSearch => "vector_search",
            Self::Rerank => "rerank",
            Self::Prompt => "prompt",
            Self::Chat => "chat",
            Self::CacheSet => "cache_set",
        }
    }
}

/// The pipeline, instrumented in one of the ways.
pub(crate) struct Pipeline<I> {
    pub(crate) spans: Arc<I>,
    pub(crate) metrics: Metrics,
    pub(crate) cache: Cache,
    pub(crate) index: Index,
    pub(crate) model: Model,
}

impl<I: Instrument> Pipeline<I> {
    /// The pipeline over its stand-ins.
    pub(crate) fn new(spans: Arc<I>, metrics: Metrics) -> Self {
        Self { spans, metrics, cache: Cache, index: Index::new(), model: Model }
    }

    /// Answers a question.
    pub(crate) async fn answer(&self, question: &Question) -> Answer {
        let answer = self.spans.query(question, self.find_answer(question)).await;
        self.metrics.answered();
        answer
    }

    async fn find_answer(&self, question: &Question) -> Answer {
        let Self { spans, cache, index, model, .. } = self;
        let mut laps = self.metrics.laps();

        let key = cache::key(question);
        let cached = spans.cache_get(cache.get(&key)).await;
        laps.end(Stage::CacheGet);
        if let Some(answer) = cached {
            return Answer { cached: true, ..answer };
        }

        let embedding = spans.embedding(model.embed(&question.text)).await;
        laps.end(Stage::Embedding);

        let hits = spans.vector_search(index.search(&embedding.vector, SEARCH_LIMIT)).await;
        laps.end(Stage::VectorSearch);

        let ranked = spans.rerank(question, hits.len(), || rerank::rerank(question, index, &hits, TOP_K));
        laps.end(Stage::Rerank);

        let prompt = spans.prompt(question, ranked.len(), || prompt::build(question, index, &ranked));
        laps.end(Stage::Prompt);

        let completion = spans.chat(model.complete(&prompt)).await;
        laps.end(Stage::Chat);

        let sources = ranked.iter().map(|ranked| Source { document: ranked.document, score: ranked.score }).collect();
        let tokens = embedding.tokens + completion.input_tokens + completion.output_tokens;
        let answer = Answer { text: completion.text, sources, tokens, cached: false };
        spans.cache_set(cache.set(&key, &answer)).await;
        laps.end(Stage::CacheSet);
        answer
    }
}
