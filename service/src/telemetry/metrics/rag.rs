//! The product's own measurements.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    metrics::{Counter, Histogram, Meter},
};

use super::seconds;
use crate::{pipeline::Stage, telemetry::names::attribute};

/// From a cache hit of a millisecond to a model that takes a minute.
const DURATION_BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0];
/// Search limits are small numbers; the first bucket holds the searches without a hit.
const RESULT_BUCKETS: [f64; 9] = [0.0, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0];

/// `type` of a token counter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TokenType {
    Prompt,
    Completion,
}

pub(crate) struct RagMetrics {
    query_duration: Histogram<f64>,
    query_errors: Counter<u64>,
    search_results: Histogram<u64>,
    tokens: Counter<u64>,
    embedding_cache_hits: Counter<u64>,
    embedding_cache_misses: Counter<u64>,
    embedding_calls: Counter<u64>,
    embedding_tokens: Counter<u64>,
    chat_calls: Counter<u64>,
    chat_tokens: Counter<u64>,
}

impl RagMetrics {
    pub(super) fn new(meter: &Meter) -> Self {
        let counter = |name: &'static str, unit: &'static str, description: &'static str| {
            meter.u64_counter(name).with_unit(unit).with_description(description).build()
        };
        let metrics = Self {
            query_duration: seconds(
                meter,
                "rag.query.duration",
                "Duration of a query, failed and abandoned ones included.",
                &DURATION_BUCKETS,
            ),
            query_errors: counter("rag.query.errors", "{error}", "Errors of queries by the stage that failed."),
            search_results: meter
                .u64_histogram("rag.vector_search.results")
                .with_unit("{result}")
                .with_description("Passages found by a vector search.")
                .with_boundaries(RESULT_BUCKETS.to_vec())
                .build(),
            tokens: counter("rag.openai.tokens", "{token}", "Tokens the model server counted, chat and embeddings."),
            embedding_cache_hits: counter("rag.embedding.cache.hits", "{hit}", "Embeddings found in the cache."),
            embedding_cache_misses: counter("rag.embedding.cache.misses", "{miss}", "Embeddings not in the cache."),
            embedding_calls: counter("rag.openai.embedding.calls", "{call}", "Embedding calls, failed ones included."),
            embedding_tokens: counter("rag.openai.embedding.tokens", "{token}", "Tokens of embedding calls."),
            chat_calls: counter("rag.openai.chat.calls", "{call}", "Chat calls, failed ones included."),
            chat_tokens: counter("rag.openai.chat.tokens", "{token}", "Tokens of chat calls."),
        };
        metrics.start_at_zero();
        metrics
    }

    /// Makes the series whose labels are known. Without them the first error would be no increase but a beginning,
    /// which a rate does not see.
    fn start_at_zero(&self) {
        for stage in Stage::ALL {
            self.query_errors.add(0, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
        }
        for token_type in [TokenType::Prompt, TokenType::Completion] {
            self.tokens.add(0, &[token_type.label()]);
        }
        self.embedding_cache_hits.add(0, &[]);
        self.embedding_cache_misses.add(0, &[]);
    }

    pub(crate) fn query(&self, elapsed: Duration, cache_hit: bool) {
        self.query_duration.record(elapsed.as_secs_f64(), &[KeyValue::new(attribute::LABEL_CACHE_HIT, cache_hit)]);
    }

    pub(crate) fn query_error(&self, stage: Stage) {
        self.query_errors.add(1, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
    }

    pub(crate) fn search_results(&self, count: u64) {
        self.search_results.record(count, &[]);
    }

    pub(crate) fn embedding_cache(&self, hit: bool) {
        let counter = if hit { &self.embedding_cache_hits } else { &self.embedding_cache_misses };
        counter.add(1, &[]);
    }

    pub(crate) fn embedding_call(&self, model: &str) {
        self.embedding_calls.add(1, &[model_label(model)]);
    }

    pub(crate) fn chat_call(&self, model: &str) {
        self.chat_calls.add(1, &[model_label(model)]);
    }

    pub(crate) fn embedding_tokens(&self, model: &str, count: u64) {
        self.embedding_tokens.add(count, &[model_label(model)]);
        self.tokens.add(count, &[TokenType::Prompt.label()]);
    }

    pub(crate) fn chat_tokens(&self, model: &str, token_type: TokenType, count: u64) {
        self.chat_tokens.add(count, &[model_label(model), token_type.label()]);
        self.tokens.add(count, &[token_type.label()]);
    }
}

impl TokenType {
    fn label(self) -> KeyValue {
        let value = match self {
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        };
        KeyValue::new(attribute::LABEL_TYPE, value)
    }
}

/// The model asked for, which is a setting; the one that answered may differ by a date and is on the span.
fn model_label(model: &str) -> KeyValue {
    KeyValue::new(attribute::LABEL_MODEL, model.to_owned())
}
