//! What the usage monitor counts, as counters. They are read from it when they are shown, so that the two cannot disagree,
//! and no call pays for a second count.

use std::sync::Arc;

use opentelemetry::{KeyValue, metrics::Meter};

use super::Instruments;
use crate::{
    clients::TokenUsage,
    telemetry::{
        exemplars::{self, Reservoir, Slot},
        few::Few,
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

/// The exemplars of one counter.
struct Exemplars {
    /// `None`: none are kept.
    reservoir: Option<Arc<Reservoir>>,
    series: Few<Series>,
}

/// Where the exemplars of one series are kept: found at its first measurement, held from then on.
struct Series {
    labels: Labels,
    slot: Option<Arc<Slot>>,
}

/// Models and types of tokens that are found without a search.
const MOST: usize = 16;

/// The labels of one series.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Labels {
    model: Option<&'static str>,
    token_type: Option<TokenType>,
}

impl Labels {
    const NONE: Self = Self { model: None, token_type: None };

    fn list(self) -> Vec<KeyValue> {
        let model = self.model.map(|model| KeyValue::new(attribute::LABEL_MODEL, model));
        model.into_iter().chain(self.token_type.map(TokenType::label)).collect()
    }
}

impl Exemplars {
    fn offer(&self, number: u64, labels: Labels) {
        let Some(reservoir) = &self.reservoir else { return };
        exemplars::with_source(|source| {
            let Some(source) = source else { return };
            let offer = |slot: &Slot| slot.offer(super::instrument::approximate(number), *source);
            let make = || Series { labels, slot: reservoir.slot(&labels.list()) };
            match self.series.find_or_add(|series| series.labels == labels, MOST, make) {
                Some(series) => series.slot.as_deref().into_iter().for_each(offer),
                None => reservoir.slot(&labels.list()).as_deref().into_iter().for_each(offer),
            }
        });
    }
}

impl UsageExemplars {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let mut exemplars = |counter| Exemplars { reservoir: make.exemplars_of(counter), series: Few::default() };
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
        counted.offer(1, Labels::NONE);
    }

    /// A call of the embedding model has ended; with its tokens, if it succeeded.
    pub(crate) fn embeddings(&self, model: &'static str, tokens: Option<u64>) {
        let of_model = Labels { model: Some(model), ..Labels::NONE };
        self.embedding_calls.offer(1, of_model);
        if let Some(tokens) = tokens {
            self.embedding_tokens.offer(tokens, of_model);
            self.tokens.offer(tokens, Labels { token_type: Some(TokenType::Prompt), ..Labels::NONE });
        }
    }

    /// A call of the chat model has ended; with its tokens, if it succeeded and they were counted.
    pub(crate) fn chat(&self, model: &'static str, tokens: Option<TokenUsage>) {
        let of_model = Labels { model: Some(model), ..Labels::NONE };
        self.chat_calls.offer(1, of_model);
        let Some(TokenUsage { prompt, completion }) = tokens else { return };
        for (token_type, count) in [(TokenType::Prompt, prompt), (TokenType::Completion, completion)] {
            let of_type = Labels { token_type: Some(token_type), ..Labels::NONE };
            self.chat_tokens.offer(count, Labels { token_type: Some(token_type), ..of_model });
            self.tokens.offer(count, of_type);
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
