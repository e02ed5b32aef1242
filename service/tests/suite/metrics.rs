//! What `/metrics` shows.

use std::collections::BTreeMap;

use crate::{
    fakes::model::Behaviour,
    fixture::{Fixture, ask_stream},
    tree::attribute,
};

/// Names with their types.
fn families(scrape: &str) -> BTreeMap<&str, &str> {
    scrape.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
}

#[tokio::test]
async fn the_names_are_those_that_dashboards_ask_for() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.ask("/api/rag").await;
    fixture.ask("/api/rag").await;
    fixture.send(ask_stream()).await;
    fixture.post("/api/rag/stream", &crate::fixture::question("cooking")).await;

    let scrape = fixture.get("/metrics").await.text;

    let found = families(&scrape);
    for (name, kind) in [
        ("rag_query_duration_seconds", "histogram"),
        ("rag_query_errors_total", "counter"),
        ("rag_vector_search_results", "histogram"),
        ("rag_openai_tokens_total", "counter"),
        ("rag_embedding_cache_hits_total", "counter"),
        ("rag_embedding_cache_misses_total", "counter"),
        ("rag_openai_embedding_calls_total", "counter"),
        ("rag_openai_embedding_tokens_total", "counter"),
        ("rag_openai_chat_calls_total", "counter"),
        ("rag_openai_chat_tokens_total", "counter"),
        ("http_server_request_duration_seconds", "histogram"),
        ("http_server_active_requests", "gauge"),
        ("http_client_request_duration_seconds", "histogram"),
        ("db_client_operation_duration_seconds", "histogram"),
        ("gen_ai_client_operation_duration_seconds", "histogram"),
        ("gen_ai_client_token_usage", "histogram"),
        ("gen_ai_client_operation_time_to_first_chunk_seconds", "histogram"),
        ("process_cpu_seconds_total", "counter"),
        ("process_resident_memory_bytes", "gauge"),
        ("process_open_fds", "gauge"),
        ("process_threads", "gauge"),
        ("process_start_time_seconds", "gauge"),
        ("tokio_runtime_workers", "gauge"),
        ("tokio_runtime_alive_tasks", "gauge"),
        ("tokio_runtime_global_queue_depth", "gauge"),
        ("tokio_runtime_busy_seconds_total", "counter"),
        ("target_info", "gauge"),
    ] {
        assert_eq!(found.get(name), Some(&kind), "{name} among {found:#?}");
    }
}

#[tokio::test]
async fn queries_errors_and_tokens_add_up() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0")]).await;
    fixture.ask("/api/rag").await;
    fixture.ask("/api/rag").await;
    fixture.model.chat.then(Behaviour::Status(500, vec![]));
    fixture.post("/api/rag", &crate::fixture::question("cooking")).await;

    let samples = [
        ("rag_query_duration_seconds_count{cache_hit=\"false\"}", 2.0),
        ("rag_query_duration_seconds_count{cache_hit=\"true\"}", 1.0),
        ("rag_query_errors_total{stage=\"llm\"}", 1.0),
        ("rag_query_errors_total{stage=\"cache\"}", 0.0),
        ("rag_openai_chat_calls_total{model=\"gpt-4o-mini\"}", 2.0),
        ("rag_openai_chat_tokens_total{model=\"gpt-4o-mini\",type=\"prompt\"}", 40.0),
        ("rag_openai_chat_tokens_total{model=\"gpt-4o-mini\",type=\"completion\"}", 5.0),
        // Three documents and one question; the second topic's question was in the cache.
        ("rag_openai_embedding_calls_total{model=\"text-embedding-3-large\"}", 2.0),
        ("rag_openai_embedding_tokens_total{model=\"text-embedding-3-large\"}", 28.0),
        ("rag_openai_tokens_total{type=\"prompt\"}", 68.0),
        ("rag_openai_tokens_total{type=\"completion\"}", 5.0),
        ("rag_embedding_cache_hits_total", 1.0),
        ("rag_embedding_cache_misses_total", 1.0),
        ("rag_vector_search_results_count", 2.0),
        ("rag_vector_search_results_sum", 3.0),
    ];

    for (series, expected) in samples {
        let found = fixture.sample(series).await;
        assert!((found - expected).abs() < f64::EPSILON, "{series}: wanted {expected}, found {found}");
    }
}

#[tokio::test]
async fn a_span_and_its_metric_have_the_same_error_type() {
    let fixture = Fixture::with_documents(&[("OPENAI_MAX_RETRIES", "0"), ("OPENAI_TIMEOUT_MS", "150")]).await;
    fixture.model.embeddings.then(Behaviour::Hang);
    fixture.ask("/api/rag").await;

    let scrape = fixture.get("/metrics").await.text;

    for (span, metric) in [
        ("POST", "http_client_request_duration_seconds_count"),
        ("embeddings text-embedding-3-large", "gen_ai_client_operation_duration_seconds_count"),
        ("POST /api/rag", "http_server_request_duration_seconds_count"),
    ] {
        let error_type = attribute(fixture.traces().span(span), "error.type").unwrap();
        let label = format!("error_type={error_type}");
        let found = scrape.lines().any(|line| line.starts_with(metric) && line.contains(&label));
        assert!(found, "{metric} with {label} in\n{scrape}");
    }
}

#[tokio::test]
async fn the_buckets_are_those_of_the_conventions() {
    let fixture = Fixture::with_documents(&[]).await;
    fixture.ask("/api/rag").await;

    let scrape = fixture.get("/metrics").await.text;

    let bounds = |metric: &str, with: &str| -> Vec<String> {
        let prefix = format!("{metric}_bucket{{");
        let lines = scrape.lines().filter(|line| line.starts_with(&prefix) && line.contains(with));
        lines.map(|line| line.split("le=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()).collect()
    };
    assert_eq!(
        bounds("http_server_request_duration_seconds", "http_route=\"/api/rag\""),
        ["0.005", "0.01", "0.025", "0.05", "0.075", "0.1", "0.25", "0.5", "0.75", "1", "2.5", "5", "7.5", "10", "+Inf"]
    );
    assert_eq!(
        bounds("db_client_operation_duration_seconds", "db_operation_name=\"query\""),
        ["0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "5", "10", "+Inf"]
    );
    let model = "gen_ai_operation_name=\"chat\"";
    assert_eq!(bounds("gen_ai_client_operation_duration_seconds", model)[..3], ["0.01", "0.02", "0.04"]);
    assert_eq!(bounds("rag_vector_search_results", "le=")[..2], ["0", "1"]);
}
