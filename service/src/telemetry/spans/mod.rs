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
use super::{names::attribute, operation::Told};
use crate::pipeline::Passage;

/// Any operation. Those of a request lie side by side until they are told, which a box each would not.
pub(crate) enum Any {
    /// Twice as large as any other.
    Chat(Box<Chat>),
    Database(Database<()>),
    Embedding(Embedding),
    Embeddings(Embeddings),
    HttpClient(http_client::HttpClient),
    HttpServer(HttpServer),
    LlmGeneration(LlmGeneration),
    Query(Query),
    Rerank(Rerank),
    VectorSearch(VectorSearch),
    /// Of which a request has none.
    Other(Box<dyn Told>),
}

impl Any {
    pub(super) fn told(&mut self) -> &mut dyn Told {
        match self {
            Self::Chat(operation) => &mut **operation,
            Self::Database(operation) => operation,
            Self::Embedding(operation) => operation,
            Self::Embeddings(operation) => operation,
            Self::HttpClient(operation) => operation,
            Self::HttpServer(operation) => operation,
            Self::LlmGeneration(operation) => operation,
            Self::Query(operation) => operation,
            Self::Rerank(operation) => operation,
            Self::VectorSearch(operation) => operation,
            Self::Other(operation) => &mut **operation,
        }
    }
}

/// The best and the worst score of some passages.
#[derive(Clone, Copy)]
struct Scores {
    max: f64,
    min: f64,
}

impl Scores {
    /// `None` of no passages.
    #[inline(never)]
    fn of(passages: &[Passage]) -> Option<Self> {
        let first = passages.first()?.score;
        let wider =
            |Self { max, min }, passage: &Passage| Self { max: passage.score.max(max), min: passage.score.min(min) };
        Some(passages.iter().fold(Self { max: first, min: first }, wider))
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
