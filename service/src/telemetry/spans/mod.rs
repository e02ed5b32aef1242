//! One type a span: its fields are what is known at the start, its `Output` is what is known at the end.

mod answered;
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
    http_server::{HttpServer, Routes},
    ingestion::Ingestion,
    llm_generation::LlmGeneration,
    query::Query,
    rerank::Rerank,
    vector_search::VectorSearch,
};
use super::names::attribute;
use crate::pipeline::Passage;

/// The best and the worst score of some passages.
#[derive(Clone, Copy)]
struct Scores {
    max: f64,
    min: f64,
}

impl Scores {
    /// `None` of no passages.
    fn of(passages: &[Passage]) -> Option<Self> {
        let scores = passages.iter().map(|passage| passage.score);
        Some(Self { max: scores.clone().reduce(f64::max)?, min: scores.reduce(f64::min)? })
    }

    fn attributes(self) -> [KeyValue; 2] {
        [KeyValue::new(attribute::SCORE_MAX, self.max), KeyValue::new(attribute::SCORE_MIN, self.min)]
    }
}

/// An array of strings.
fn strings(key: &'static str, values: &[&'static str]) -> KeyValue {
    let values: Vec<opentelemetry::StringValue> = values.iter().copied().map(Into::into).collect();
    KeyValue::new(key, Value::Array(values.into()))
}
