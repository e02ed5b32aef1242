//! One type a span: its fields are what is known at the start, its `Output` is what is known at the end.

mod chat;
mod database;
mod embedding;
mod embeddings;
mod http_client;
mod http_server;
mod ingestion;
mod llm_generation;
mod query;
mod rerank;
mod vector_search;

use opentelemetry::{KeyValue, Value};

pub(crate) use self::{
    chat::{Chat, ChatCall},
    database::{Database, DatabaseCall},
    embedding::Embedding,
    embeddings::{Embeddings, EmbeddingsCall},
    http_client::Targets,
    http_server::HttpServer,
    ingestion::Ingestion,
    llm_generation::LlmGeneration,
    query::Query,
    rerank::Rerank,
    vector_search::VectorSearch,
};
use super::names::attribute;

/// Counts are attributes of type int.
fn int(key: &'static str, value: usize) -> KeyValue {
    KeyValue::new(key, i64::try_from(value).unwrap_or(i64::MAX))
}

fn tokens(key: &'static str, value: u64) -> KeyValue {
    KeyValue::new(key, i64::try_from(value).unwrap_or(i64::MAX))
}

/// The best and the worst score; nothing if there is none.
fn score_range(scores: impl Iterator<Item = f64>) -> impl Iterator<Item = KeyValue> {
    let range = scores.fold(None, |range: Option<(f64, f64)>, score| {
        Some(range.map_or((score, score), |(max, min)| (max.max(score), min.min(score))))
    });
    let attributes =
        range.map(|(max, min)| [KeyValue::new(attribute::SCORE_MAX, max), KeyValue::new(attribute::SCORE_MIN, min)]);
    attributes.into_iter().flatten()
}

/// An array of strings.
fn strings(key: &'static str, values: &[&'static str]) -> KeyValue {
    let values: Vec<opentelemetry::StringValue> = values.iter().copied().map(Into::into).collect();
    KeyValue::new(key, Value::Array(values.into()))
}
