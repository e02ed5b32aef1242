//! The answer of `GET /api/usage`.

use serde::Serialize;

use super::{RateLimit, Recommendation};

/// Everything the monitor knows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UsageReport {
    /// Seconds since the service started, which is when counting began.
    pub uptime_seconds: u64,
    /// All models together.
    pub totals: Totals,
    /// Each model, by name.
    pub models: Vec<ModelUsage>,
    /// The question embeddings found in the cache and not.
    pub embedding_cache: CacheUsage,
    /// Calls in each of the last 60 minutes that had one, the oldest first.
    pub calls_per_minute: Vec<MinuteCount>,
    /// What the model server says about its limits.
    pub rate_limit: RateLimit,
    /// What could be done better.
    pub recommendations: Vec<Recommendation>,
}

/// Sums over all models.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Calls, failed ones included; the retries of a call are not counted apart.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Tokens of prompts and embedded texts.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub completion_tokens: u64,
    /// Both together.
    pub total_tokens: u64,
    /// US dollars at list prices, models without a known price left out.
    pub cost_usd: f64,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelUsage {
    /// The name asked for.
    pub model: String,
    /// What it was asked to do.
    pub operation: Operation,
    /// Calls, failed ones included.
    pub calls: u64,
    /// Calls that failed.
    pub errors: u64,
    /// Tokens of prompts and embedded texts.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub completion_tokens: u64,
    /// US dollars at list prices; `null` for a model without a known price.
    pub cost_usd: Option<f64>,
}

/// What a model is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Write an answer.
    Chat,
    /// Turn text into vectors.
    Embeddings,
}

/// Hits and misses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CacheUsage {
    /// Found.
    pub hits: u64,
    /// Not found.
    pub misses: u64,
}

/// The calls of one minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MinuteCount {
    /// Seconds since the Unix epoch at the minute's begin.
    pub unix_seconds: u64,
    /// Calls begun in it.
    pub calls: u64,
}
