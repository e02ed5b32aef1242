//! How a question becomes an answer, and how documents become findable.
//!
//! A query (`query`, or `stream` piece by piece): look into the `cache`, turn the question into a vector
//! (`embedding`), find the nearest passages (`retrieval`), put them into order (`rerank`), let the model write
//! the answer from them (`generation`). Ingestion (`ingestion`): cut documents into passages (`chunking`), turn
//! them into vectors in batches, store them.

mod answer;
mod cache;
mod chunking;
mod embedding;
mod generation;
mod ingestion;
mod prompt;
mod query;
mod question;
mod rerank;
mod retrieval;
mod stage;
mod stream;

use std::sync::Arc;

pub(crate) use self::{answer::Passage, embedding::QuestionVector, stage::AtStage, stream::AnswerEvent};
pub use self::{
    answer::{Answer, ContextItem, Source},
    ingestion::{Document, Ingested},
    question::Question,
    stage::{Stage, StageError},
};
use crate::{
    clients::{Cache, Model, Reranker, VectorStore},
    config::RagConfig,
    telemetry::Telemetry,
    usage::UsageMonitor,
};

/// The pipeline with its dependencies.
pub(crate) struct Pipeline {
    pub(crate) config: RagConfig,
    pub(crate) model: Model,
    pub(crate) vectors: VectorStore,
    pub(crate) cache: Cache,
    /// `None`: the lexical reranker.
    pub(crate) reranker: Option<Reranker>,
    pub(crate) telemetry: Telemetry,
    pub(crate) usage: Arc<UsageMonitor>,
}
