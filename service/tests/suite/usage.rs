//! The usage monitor.

use serde_json::json;

use crate::{fakes::model::Behaviour, fixture::Fixture};

#[tokio::test]
async fn it_says_the_same_as_the_counters() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0")]).await;
    fixture.ask("/api/rag").await;
    fixture.model.chat.then(Behaviour::Status(500, vec![]));
    fixture.post("/api/rag", &crate::fixture::question("cooking")).await;

    let usage = fixture.get("/api/usage").await.json();

    let number = |path: &str| usage.pointer(path).unwrap_or_else(|| panic!("{path} in {usage}")).as_f64().unwrap();
    for (path, series) in [
        ("/models/0/calls", "rag_openai_chat_calls_total{model=\"gpt-4o-mini\"}"),
        ("/models/0/prompt_tokens", "rag_openai_chat_tokens_total{model=\"gpt-4o-mini\",type=\"prompt\"}"),
        ("/models/0/completion_tokens", "rag_openai_chat_tokens_total{model=\"gpt-4o-mini\",type=\"completion\"}"),
        ("/models/1/calls", "rag_openai_embedding_calls_total{model=\"text-embedding-3-large\"}"),
        ("/models/1/prompt_tokens", "rag_openai_embedding_tokens_total{model=\"text-embedding-3-large\"}"),
        ("/totals/prompt_tokens", "rag_openai_tokens_total{type=\"prompt\"}"),
        ("/totals/completion_tokens", "rag_openai_tokens_total{type=\"completion\"}"),
        ("/embedding_cache/hits", "rag_embedding_cache_hits_total"),
        ("/embedding_cache/misses", "rag_embedding_cache_misses_total"),
    ] {
        let counter = fixture.sample(series).await;
        assert!((number(path) - counter).abs() < f64::EPSILON && counter > 0.0, "{path}: {usage}, {series}: {counter}");
    }
    assert_eq!(usage["models"][0]["errors"], 1);
    assert_eq!(usage["models"][0]["operation"], "chat");
    // 40 prompt and 5 completion tokens of gpt-4o-mini.
    assert!((number("/models/0/cost_usd") - 9e-6).abs() < 1e-12);
    let minutes: Vec<u64> =
        usage["calls_per_minute"].as_array().unwrap().iter().map(|minute| minute["calls"].as_u64().unwrap()).collect();
    assert_eq!(minutes.iter().sum::<u64>(), 4);
}

#[tokio::test]
async fn it_knows_what_the_model_server_says_about_its_limits() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0")]).await;
    let limits = vec![("x-ratelimit-limit-requests", "500"), ("x-ratelimit-remaining-requests", "0")];
    fixture.model.chat.then(Behaviour::Status(429, limits));

    fixture.ask("/api/rag").await;

    let usage = fixture.get("/api/usage").await.json();
    let expected = json!({ "limited": true, "refusals": 1, "limit_requests": 500, "remaining_requests": 0 });
    assert_eq!(usage["rate_limit"], expected);
    assert_eq!(usage["recommendations"][0]["id"], "rate-limited");
}
