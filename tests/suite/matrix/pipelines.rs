//! Spans written as OTLP while they happen, and the SDK's: the same telemetry arrives, whichever pipeline makes it.

use super::Tier;
use super::cell::all_scenarios;
use super::same::assert_same;

/// Some questions hold a secret, which is another one in each run, and with it the scores of what is found, and what is
/// found.
const FOUND: [&str; 11] = [
    "answer.length",
    "context_ids.count",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.output_tokens",
    "prompt.length",
    "score.max",
    "score.min",
    "sources",
    "tokens.completion",
    "tokens.prompt",
    "tokens.total",
];

/// In spans and in logs, of every scenario there is.
pub(crate) async fn both_make_the_same(by_inline: &Tier, by_sdk: &Tier) {
    let scenarios = all_scenarios();

    let inline = by_inline.drive(&[("TELEMETRY_PIPELINE", "inline")], &scenarios).await;
    let sdk = by_sdk.drive(&[("TELEMETRY_PIPELINE", "sdk")], &scenarios).await;

    let exporter = |prefix: &str, threads: &std::collections::BTreeSet<String>| {
        threads.iter().any(|name| name.starts_with(prefix))
    };
    assert!(exporter("otlp-traces", &inline.threads), "{:?}", inline.threads);
    assert!(exporter("OpenTelemetry", &sdk.threads), "{:?}", sdk.threads);
    assert_same(&inline.capture, &sdk.capture, &FOUND);
}

#[tokio::test]
async fn both_pipelines_make_the_same_embedded() {
    both_make_the_same(&Tier::default(), &Tier::default()).await;
}
