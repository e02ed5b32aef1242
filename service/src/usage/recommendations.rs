//! What the numbers suggest.

use serde::Serialize;

use super::{ModelUsage, Operation, UsageReport};

/// Below this many observations a ratio says nothing.
const ENOUGH: u64 = 20;
/// A share of cache hits below this means that questions hardly repeat.
const LOW_HIT_RATIO: f64 = 0.2;
/// A share of failed calls above this is no accident.
const HIGH_ERROR_RATIO: f64 = 0.05;
/// Prompts this much longer than answers carry more context than the answers use.
const LONG_PROMPT_RATIO: f64 = 20.0;
/// A model that costs more than this for a million prompt tokens has a much cheaper sibling.
const EXPENSIVE_PROMPT: f64 = 1.0;

/// Something that could be done better.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// For machines.
    pub id: &'static str,
    /// For people, with what to do.
    pub message: String,
}

/// All recommendations for a report (whose own are not looked at).
pub(super) fn recommend(report: &UsageReport) -> Vec<Recommendation> {
    let mut found = Vec::new();
    let mut add = |id, message| found.push(Recommendation { id, message });

    if report.rate_limit.limited {
        add("rate-limited", "The model server refuses calls (429): ask for a higher limit or send fewer.".to_owned());
    }
    if ratio(report.totals.errors, report.totals.calls, ENOUGH).is_some_and(|share| share > HIGH_ERROR_RATIO) {
        add(
            "many-errors",
            format!(
                "{} of {} calls failed: look at the traces with an error.",
                report.totals.errors, report.totals.calls
            ),
        );
    }
    let lookups = report.embedding_cache.hits + report.embedding_cache.misses;
    if ratio(report.embedding_cache.hits, lookups, ENOUGH).is_some_and(|share| share < LOW_HIT_RATIO) {
        add(
            "low-cache-hit-ratio",
            "Few question embeddings come from the cache: check that Redis is reachable and large enough.".to_owned(),
        );
    }
    for model in &report.models {
        for (id, message) in of_model(model) {
            add(id, message);
        }
    }
    found
}

fn of_model(model: &ModelUsage) -> Vec<(&'static str, String)> {
    let name = &model.model;
    let mut found = Vec::new();
    let Some(price) = super::price(name) else {
        if model.calls > 0 {
            found.push((
                "unknown-price",
                format!("The price of {name} is not known: its cost is missing from the totals."),
            ));
        }
        return found;
    };
    if model.operation == Operation::Chat && model.calls >= ENOUGH {
        if price.prompt > EXPENSIVE_PROMPT {
            found.push((
                "expensive-model",
                format!("{name} is expensive for answers from given passages: try a smaller model."),
            ));
        }
        if ratio(model.prompt_tokens, model.completion_tokens, 1).is_some_and(|ratio| ratio > LONG_PROMPT_RATIO) {
            found.push((
                "long-prompts",
                format!("Prompts of {name} are far longer than its answers: lower RAG_RERANK_TOP_K."),
            ));
        }
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn ratio(part: u64, whole: u64, at_least: u64) -> Option<f64> {
    (whole >= at_least).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::{super::report::CacheUsage, *};

    fn report() -> UsageReport {
        UsageReport {
            uptime_seconds: 1,
            totals: super::super::Totals::default(),
            models: Vec::new(),
            embedding_cache: CacheUsage::default(),
            calls_per_minute: Vec::new(),
            rate_limit: super::super::RateLimit::default(),
            recommendations: Vec::new(),
        }
    }

    fn chat(model: &str) -> ModelUsage {
        ModelUsage {
            model: model.to_owned(),
            operation: Operation::Chat,
            calls: ENOUGH,
            errors: 0,
            prompt_tokens: 100,
            completion_tokens: 100,
            cost_usd: None,
        }
    }

    fn ids(report: &UsageReport) -> Vec<&'static str> {
        recommend(report).into_iter().map(|found| found.id).collect()
    }

    #[test]
    fn a_quiet_service_is_recommended_nothing() {
        assert_eq!(ids(&report()), [""; 0]);
    }

    #[test]
    fn each_cause_gives_its_recommendation() {
        let mut limited = report();
        limited.rate_limit.limited = true;
        let mut failing = report();
        failing.totals.calls = 100;
        failing.totals.errors = 6;
        let mut missing = report();
        missing.embedding_cache = CacheUsage { hits: 1, misses: 99 };
        let mut wordy = chat("gpt-4o-mini");
        wordy.prompt_tokens = 2_101;

        assert_eq!(ids(&limited), ["rate-limited"]);
        assert_eq!(ids(&failing), ["many-errors"]);
        assert_eq!(ids(&missing), ["low-cache-hit-ratio"]);
        assert_eq!(ids(&UsageReport { models: vec![chat("gpt-4o")], ..report() }), ["expensive-model"]);
        assert_eq!(ids(&UsageReport { models: vec![chat("my-model")], ..report() }), ["unknown-price"]);
        assert_eq!(ids(&UsageReport { models: vec![wordy], ..report() }), ["long-prompts"]);
    }
}
