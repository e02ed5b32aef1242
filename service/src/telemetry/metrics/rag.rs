//! The product's own measurements.

use std::time::Duration;

use opentelemetry::KeyValue;

use super::{Counter, Histogram, Instruments, KnownCounter, KnownHistogram};
use crate::{
    pipeline::Stage,
    telemetry::{few::Few, names::attribute},
};

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
    query_errors: Counter,
    search_results: Histogram<u64>,
    tokens: Counter,
    embedding_cache_hits: Counter,
    embedding_cache_misses: Counter,
    embedding_calls: Counter,
    embedding_tokens: Counter,
    chat_calls: Counter,
    chat_tokens: Counter,
    known: Known,
}

/// The series that every query measures.
/// Series of so many models are found without a search; a service asks two.
const MOST_MODELS: usize = 8;

#[derive(Default)]
struct Known {
    /// By whether the answer was cached.
    query_duration: [KnownHistogram<f64>; 2],
    search_results: KnownHistogram<u64>,
    /// By [`TokenType`].
    tokens: [KnownCounter; 2],
    cache_hits: KnownCounter,
    cache_misses: KnownCounter,
    /// By the model's name: it is interned, so that its address says which it is.
    models: Few<KnownModel>,
}

#[derive(Default)]
struct KnownModel {
    model: &'static str,
    embedding_calls: KnownCounter,
    embedding_tokens: KnownCounter,
    chat_calls: KnownCounter,
    /// By [`TokenType`].
    chat_tokens: [KnownCounter; 2],
}

impl Known {
    /// `None` for one model too many.
    fn model(&self, model: &'static str) -> Option<&'static KnownModel> {
        // Interned: the same name is the same place.
        self.models.find_or_add(
            |known| std::ptr::eq(known.model, model),
            MOST_MODELS,
            || KnownModel { model, ..KnownModel::default() },
        )
    }
}

impl RagMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let metrics = Self {
            query_duration: make.seconds(
                "rag.query.duration",
                "Duration of a query, failed and abandoned ones included.",
                &DURATION_BUCKETS,
            ),
            query_errors: make.counter("rag.query.errors", "{error}", "Errors of queries by the stage that failed."),
            search_results: make.counts(
                "rag.vector_search.results",
                "{result}",
                "Passages found by a vector search.",
                &RESULT_BUCKETS,
            ),
            tokens: make.counter(
                "rag.openai.tokens",
                "{token}",
                "Tokens the model server counted, chat and embeddings.",
            ),
            embedding_cache_hits: make.counter("rag.embedding.cache.hits", "{hit}", "Embeddings found in the cache."),
            embedding_cache_misses: make.counter(
                "rag.embedding.cache.misses",
                "{miss}",
                "Embeddings not in the cache.",
            ),
            embedding_calls: make.counter(
                "rag.openai.embedding.calls",
                "{call}",
                "Embedding calls, failed ones included.",
            ),
            embedding_tokens: make.counter("rag.openai.embedding.tokens", "{token}", "Tokens of embedding calls."),
            chat_calls: make.counter("rag.openai.chat.calls", "{call}", "Chat calls, failed ones included."),
            chat_tokens: make.counter("rag.openai.chat.tokens", "{token}", "Tokens of chat calls."),
            known: Known::default(),
        };
        metrics.start_at_zero();
        metrics
    }

    /// Makes the series whose labels are known. Without them the first error would be no increase but a beginning,
    /// which a rate does not see.
    fn start_at_zero(&self) {
        for stage in Stage::ALL {
            self.query_errors.record(0, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
        }
        for token_type in [TokenType::Prompt, TokenType::Completion] {
            self.tokens.record(0, &[token_type.label()]);
        }
        self.embedding_cache_hits.record(0, &[]);
        self.embedding_cache_misses.record(0, &[]);
    }

    pub(crate) fn query(&self, elapsed: Duration, cache_hit: bool) {
        let known = &self.known.query_duration[usize::from(cache_hit)];
        self.query_duration.record_known(known, elapsed.as_secs_f64(), |labels| {
            labels.push(KeyValue::new(attribute::LABEL_CACHE_HIT, cache_hit));
        });
    }

    pub(crate) fn query_error(&self, stage: Stage) {
        self.query_errors.record(1, &[KeyValue::new(attribute::LABEL_STAGE, stage.as_str())]);
    }

    pub(crate) fn search_results(&self, count: u64) {
        self.search_results.record_known(&self.known.search_results, count, |_| {});
    }

    pub(crate) fn embedding_cache(&self, hit: bool) {
        let (counter, known) = if hit {
            (&self.embedding_cache_hits, &self.known.cache_hits)
        } else {
            (&self.embedding_cache_misses, &self.known.cache_misses)
        };
        counter.record_known(known, 1, |_| {});
    }

    pub(crate) fn embedding_call(&self, model: &'static str) {
        let known = self.known.model(model).map(|known| &known.embedding_calls);
        self.embedding_calls.record_if_known(known, 1, |labels| labels.push(model_label(model)));
    }

    pub(crate) fn chat_call(&self, model: &'static str) {
        let known = self.known.model(model).map(|known| &known.chat_calls);
        self.chat_calls.record_if_known(known, 1, |labels| labels.push(model_label(model)));
    }

    pub(crate) fn embedding_tokens(&self, model: &'static str, count: u64) {
        let known = self.known.model(model).map(|known| &known.embedding_tokens);
        self.embedding_tokens.record_if_known(known, count, |labels| labels.push(model_label(model)));
        self.all_tokens(TokenType::Prompt, count);
    }

    pub(crate) fn chat_tokens(&self, model: &'static str, token_type: TokenType, count: u64) {
        let known = self.known.model(model).map(|known| &known.chat_tokens[token_type as usize]);
        self.chat_tokens.record_if_known(known, count, |labels| {
            labels.extend([model_label(model), token_type.label()]);
        });
        self.all_tokens(token_type, count);
    }

    fn all_tokens(&self, token_type: TokenType, count: u64) {
        let known = &self.known.tokens[token_type as usize];
        self.tokens.record_known(known, count, |labels| labels.push(token_type.label()));
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
fn model_label(model: &'static str) -> KeyValue {
    KeyValue::new(attribute::LABEL_MODEL, model)
}
