//! What the usage monitor counts, as counters. They are read from it when they are shown, so that the two cannot disagree,
//! and no call pays for a second count.

use std::sync::Arc;

use opentelemetry::{KeyValue, metrics::Meter};

use super::Instruments;
use crate::{
    clients::TokenUsage,
    telemetry::{
        exemplars::{self, Reservoir},
        names::attribute,
    },
    usage::{CacheUsage, ModelUsage, Operation},
};

const TOKENS: &str = "rag.openai.tokens";
const CACHE_HITS: &str = "rag.embedding.cache.hits";
const CACHE_MISSES: &str = "rag.embedding.cache.misses";
const EMBEDDING_CALLS: &str = "rag.openai.embedding.calls";
const EMBEDDING_TOKENS: &str = "rag.openai.embedding.tokens";
const CHAT_CALLS: &str = "rag.openai.chat.calls";
const CHAT_TOKENS: &str = "rag.openai.chat.tokens";

/// The exemplars of these counters: of a call, its span says that it was counted.
pub(crate) struct UsageExemplars {
    tokens: Exemplars,
    cache_hits: Exemplars,
    cache_misses: Exemplars,
    embedding_calls: Exemplars,
    embedding_tokens: Exemplars,
    chat_calls: Exemplars,
    chat_tokens: Exemplars,
}

/// `None`: no exemplars are kept.
struct Exemplars(Option<Arc<Reservoir>>);

impl Exemplars {
    fn offer(&self, number: u64, labels: &[KeyValue]) {
        if let Some(reservoir) = &self.0 {
            exemplars::with_source(|source| {
                if let (Some(source), Some(slot)) = (source, reservoir.slot(labels)) {
                    slot.offer(super::instrument::approximate(number), *source);
                }
            });
        }
    }
}

impl UsageExemplars {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let mut exemplars = |counter| Exemplars(make.exemplars_of(counter));
        Self {
            tokens: exemplars(TOKENS),
            cache_hits: exemplars(CACHE_HITS),
            cache_misses: exemplars(CACHE_MISSES),
            embedding_calls: exemplars(EMBEDDING_CALLS),
            embedding_tokens: exemplars(EMBEDDING_TOKENS),
            chat_calls: exemplars(CHAT_CALLS),
            chat_tokens: exemplars(CHAT_TOKENS),
        }
    }

    /// A question's embedding was looked up.
    pub(crate) fn embedding_lookup(&self, hit: bool) {
        let counted = if hit { &self.cache_hits } else { &self.cache_misses };
        counted.offer(1, &[]);
    }

    /// A call of the embedding model has ended; with its tokens, if it succeeded.
    pub(crate) fn embeddings(&self, model: &'static str, tokens: Option<u64>) {
        let model = KeyValue::new(attribute::LABEL_MODEL, model);
        self.embedding_calls.offer(1, std::slice::from_ref(&model));
        if let Some(tokens) = tokens {
            self.embedding_tokens.offer(tokens, &[model]);
            self.tokens.offer(tokens, &[TokenType::Prompt.label()]);
        }
    }

    /// A call of the chat model has ended; with its tokens, if it succeeded and they were counted.
    pub(crate) fn chat(&self, model: &'static str, tokens: Option<TokenUsage>) {
        let model = KeyValue::new(attribute::LABEL_MODEL, model);
        self.chat_calls.offer(1, std::slice::from_ref(&model));
        let Some(TokenUsage { prompt, completion }) = tokens else { return };
        for (token_type, count) in [(TokenType::Prompt, prompt), (TokenType::Completion, completion)] {
            self.chat_tokens.offer(count, &[model.clone(), token_type.label()]);
            self.tokens.offer(count, &[token_type.label()]);
        }
    }
}

/// The monitor's numbers at one moment.
pub(crate) struct UsageCounts {
    pub(crate) models: Vec<ModelUsage>,
    pub(crate) cache: CacheUsage,
}

/// Makes the counters, which `read` the monitor.
pub(crate) fn observe(meter: &Meter, read: impl Fn() -> UsageCounts + Clone + Send + Sync + 'static) {
    let counter = |name: &'static str, unit: &'static str, description: &'static str, list: List| {
        let read = read.clone();
        meter
            .u64_observable_counter(name)
            .with_unit(unit)
            .with_description(description)
            .with_callback(move |observer| list(&read(), &mut |count, labels| observer.observe(count, labels)))
            .build();
    };
    counter(TOKENS, "{token}", "Tokens the model server counted, chat and embeddings.", |usage, show| {
        for token_type in TokenType::ALL {
            show(usage.models.iter().map(|model| token_type.of(model)).sum(), &[token_type.label()]);
        }
    });
    counter(CACHE_HITS, "{hit}", "Embeddings found in the cache.", |usage, show| {
        show(usage.cache.hits, &[]);
    });
    counter(CACHE_MISSES, "{miss}", "Embeddings not in the cache.", |usage, show| {
        show(usage.cache.misses, &[]);
    });
    counter(EMBEDDING_CALLS, "{call}", "Embedding calls, failed ones included.", |usage, show| {
        asked_to(Operation::Embeddings, usage, |model| show(model.calls, &[label(model)]));
    });
    counter(EMBEDDING_TOKENS, "{token}", "Tokens of embedding calls.", |usage, show| {
        asked_to(Operation::Embeddings, usage, |model| show(model.prompt_tokens, &[label(model)]));
    });
    counter(CHAT_CALLS, "{call}", "Chat calls, failed ones included.", |usage, show| {
        asked_to(Operation::Chat, usage, |model| show(model.calls, &[label(model)]));
    });
    counter(CHAT_TOKENS, "{token}", "Tokens of chat calls.", |usage, show| {
        asked_to(Operation::Chat, usage, |model| {
            for token_type in TokenType::ALL {
                show(token_type.of(model), &[label(model), token_type.label()]);
            }
        });
    });
}

/// Lists the series of a counter.
type List = fn(&UsageCounts, &mut dyn FnMut(u64, &[KeyValue]));

/// What a token was part of.
#[derive(Debug, Clone, Copy)]
enum TokenType {
    Prompt,
    Completion,
}

impl TokenType {
    const ALL: [Self; 2] = [Self::Prompt, Self::Completion];

    fn of(self, model: &ModelUsage) -> u64 {
        match self {
            Self::Prompt => model.prompt_tokens,
            Self::Completion => model.completion_tokens,
        }
    }

    fn label(self) -> KeyValue {
        let value = match self {
            Self::Prompt => "prompt",
            Self::Completion => "completion",
        };
        KeyValue::new(attribute::LABEL_TYPE, value)
    }
}

fn asked_to(operation: Operation, usage: &UsageCounts, each: impl FnMut(&ModelUsage)) {
    usage.models.iter().filter(|model| model.operation == operation).for_each(each);
}

fn label(model: &ModelUsage) -> KeyValue {
    KeyValue::new(attribute::LABEL_MODEL, model.model.clone())
}
