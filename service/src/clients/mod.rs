//! The dependencies, through their real clients. Each call is a span, carries the context on, and ends in time.

mod cache;
mod endpoint;
mod failure;
mod http;
mod model;
mod model_http;
mod model_types;
mod reranker;
mod tls;
mod vectors;

pub(crate) use self::{
    cache::Cache,
    endpoint::Endpoint,
    model::{ChatStream, Model},
    model_types::{Completion, Prompt, TokenUsage, Vectors},
    reranker::Reranker,
    tls::install as install_tls,
    vectors::{Point, Vectors as VectorStore},
};
pub use self::{failure::DependencyError, vectors::VectorsError};
