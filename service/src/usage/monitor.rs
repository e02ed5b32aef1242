//! The counting.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use http::{HeaderMap, StatusCode};

use super::{
    MinuteCount, ModelUsage, Operation, RateLimit, Totals, UsageReport, minutes::Minutes, price,
    recommendations::recommend, report::CacheUsage,
};
use crate::{
    clients::{Completion, TokenUsage},
    telemetry::{Telemetry, metrics::usage::UsageCounts},
};

/// Counts calls and tokens; see the module.
pub(crate) struct UsageMonitor {
    started: Instant,
    numbers: Arc<Mutex<Numbers>>,
}

#[derive(Default)]
struct Numbers {
    models: BTreeMap<(Operation, String), Counts>,
    cache: CacheUsage,
    minutes: Minutes,
    rate_limit: RateLimit,
}

#[derive(Default, Clone, Copy)]
struct Counts {
    calls: u64,
    errors: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
}

/// A begun embedding call.
#[must_use = "a call has a result"]
pub(crate) struct EmbeddingRecording {
    monitor: Arc<UsageMonitor>,
    model: &'static str,
}

/// A begun chat call.
#[must_use = "a call has a result"]
pub(crate) struct ChatRecording {
    monitor: Arc<UsageMonitor>,
    model: &'static str,
}

impl UsageMonitor {
    /// One that `telemetry` shows the counts of.
    pub(crate) fn new(telemetry: Telemetry) -> Self {
        let numbers = Arc::<Mutex<Numbers>>::default();
        let shown = Arc::clone(&numbers);
        telemetry.observe_usage(move || lock(&shown).counted());
        Self { started: Instant::now(), numbers }
    }

    /// A call of the embedding model begins.
    pub(crate) fn embedding_call(self: &Arc<Self>, model: &'static str) -> EmbeddingRecording {
        self.begin(Operation::Embeddings, model);
        EmbeddingRecording { monitor: Arc::clone(self), model }
    }

    /// A call of the chat model begins.
    pub(crate) fn chat_call(self: &Arc<Self>, model: &'static str) -> ChatRecording {
        self.begin(Operation::Chat, model);
        ChatRecording { monitor: Arc::clone(self), model }
    }

    /// A question's embedding was looked up.
    pub(crate) fn embedding_lookup(&self, hit: bool) {
        let cache = &mut self.numbers().cache;
        *(if hit { &mut cache.hits } else { &mut cache.misses }) += 1;
    }

    /// The model server answered.
    pub(crate) fn rate_limit(&self, status: StatusCode, headers: &HeaderMap) {
        self.numbers().rate_limit.update(status, headers);
    }

    pub(crate) fn report(&self) -> UsageReport {
        let now = SystemTime::now();
        let numbers = self.numbers();
        let models = numbers.counted().models;
        let mut report = UsageReport {
            uptime_seconds: self.started.elapsed().as_secs(),
            totals: totals(&models),
            models,
            embedding_cache: numbers.cache,
            calls_per_minute: numbers
                .minutes
                .last(now)
                .map(|(minute, calls)| MinuteCount { unix_seconds: minute * 60, calls })
                .collect(),
            rate_limit: numbers.rate_limit.clone(),
            recommendations: Vec::new(),
        };
        drop(numbers);
        report.recommendations = recommend(&report);
        report
    }

    fn begin(&self, operation: Operation, model: &str) {
        let mut numbers = self.numbers();
        numbers.minutes.record(SystemTime::now());
        numbers.counts(operation, model).calls += 1;
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        lock(&self.numbers)
    }
}

/// Counting goes on after a panic of another thread: a number may be off by one, but none is broken.
fn lock(numbers: &Mutex<Numbers>) -> MutexGuard<'_, Numbers> {
    numbers.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EmbeddingRecording {
    /// The call has ended: with the tokens it took, or with an error.
    pub(crate) fn ended(self, tokens: Option<u64>) {
        let mut numbers = self.monitor.numbers();
        let counts = numbers.counts(Operation::Embeddings, self.model);
        let Some(tokens) = tokens else {
            counts.errors += 1;
            return;
        };
        counts.prompt_tokens += tokens;
    }
}

impl ChatRecording {
    pub(crate) fn ended<E>(self, result: &Result<Completion, E>) {
        match result {
            Ok(completion) => self.succeeded(completion.usage),
            Err(_) => self.failed(),
        }
    }

    /// `None` if the server did not count its tokens.
    fn succeeded(self, usage: Option<TokenUsage>) {
        let Some(usage) = usage else { return };
        let mut numbers = self.monitor.numbers();
        let counts = numbers.counts(Operation::Chat, self.model);
        counts.prompt_tokens += usage.prompt;
        counts.completion_tokens += usage.completion;
    }

    pub(crate) fn failed(self) {
        self.monitor.numbers().counts(Operation::Chat, self.model).errors += 1;
    }
}

impl Numbers {
    fn counted(&self) -> UsageCounts {
        UsageCounts { models: self.models.iter().map(model_usage).collect(), cache: self.cache }
    }

    fn counts(&mut self, operation: Operation, model: &str) -> &mut Counts {
        self.models.entry((operation, model.to_owned())).or_default()
    }
}

fn model_usage(((operation, model), counts): (&(Operation, String), &Counts)) -> ModelUsage {
    ModelUsage {
        model: model.clone(),
        operation: *operation,
        calls: counts.calls,
        errors: counts.errors,
        prompt_tokens: counts.prompt_tokens,
        completion_tokens: counts.completion_tokens,
        cost_usd: price(model).map(|price| price.cost(counts.prompt_tokens, counts.completion_tokens)),
    }
}

fn totals(models: &[ModelUsage]) -> Totals {
    models.iter().fold(Totals::default(), |sum, model| Totals {
        calls: sum.calls + model.calls,
        errors: sum.errors + model.errors,
        prompt_tokens: sum.prompt_tokens + model.prompt_tokens,
        completion_tokens: sum.completion_tokens + model.completion_tokens,
        total_tokens: sum.total_tokens + model.prompt_tokens + model.completion_tokens,
        cost_usd: sum.cost_usd + model.cost_usd.unwrap_or_default(),
    })
}
