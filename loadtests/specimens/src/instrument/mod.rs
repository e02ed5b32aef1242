//! The ways to instrument: one file each, over one trait.
//!
//! Every way makes the same nine spans, of six attributes each:
//!
//! ```text
//! POST /ask                             server    http.request.method http.route url.path url.scheme
//! │                                               network.protocol.version · http.response.status_code
//! └─ rag.query                          internal  query.length query.words search.limit rerank.top_k
//!    │                                            · cache.hit sources.count
//!    ├─ GET                             client    db.system.name db.namespace db.operation.name server.address
//!    │                                            server.port · cache.hit
//!    ├─ embeddings text-embedding-3-large  client gen_ai.operation.name gen_ai.provider.name gen_ai.request.model
//!    │                                            server.address · gen_ai.usage.input_tokens
//!    │                                            gen_ai.embeddings.dimension.count
//!    ├─ query rag_documents             client    db.system.name db.collection.name db.operation.name server.address
//!    │                                            · results.count score.max
//!    ├─ rag.rerank                      internal  query.length input.count top_k · output.count score.max score.min
//!    ├─ rag.prompt                      internal  prompt.template documents.count query.length
//!    │                                            · prompt.length prompt.tokens prompt.truncated
//!    ├─ chat gpt-4o-mini                client    gen_ai.operation.name gen_ai.provider.name gen_ai.request.model
//!    │                                            server.address · gen_ai.usage.input_tokens
//!    │                                            gen_ai.usage.output_tokens
//!    └─ SET                             client    db.system.name db.namespace db.operation.name server.address
//!                                                 server.port · value.bytes
//! ```
//!
//! What stands after `·` is known only when the work is done. Each file is to be what a user of that library would
//! write who has read its documentation, so names and values stand there as literals, as they do in such code.

mod direct;
mod fastrace;
mod inline;
mod none;
mod otlp;
mod told;
mod tracing;

use std::time::Duration;

use axum::extract::{MatchedPath, Request};
use axum::http::Version;
use axum::middleware::Next;
use axum::response::Response;

use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked};

pub(crate) use self::direct::Direct;
pub(crate) use self::fastrace::Fastrace;
pub(crate) use self::none::Uninstrumented;
pub(crate) use self::told::Told;
pub(crate) use self::tracing::{Tracing, TracingConfig};

/// The instrumentation scope of everything.
pub(crate) const SCOPE: &str = "otelgate-specimen";

/// A way to instrument the service: for each span a hook around the work it stands for.
pub(crate) trait Instrument: Send + Sync + 'static {
    /// The request as a whole, continuing the caller's trace.
    fn request(&self, request: Request, next: Next) -> impl Future<Output = Response> + Send;

    /// Everything done for a question.
    fn query(
        &self,
        question: &Question,
        work: impl Future<Output = Answer> + Send,
    ) -> impl Future<Output = Answer> + Send;

    /// The look into the cache.
    fn cache_get(
        &self,
        work: impl Future<Output = Option<Answer>> + Send,
    ) -> impl Future<Output = Option<Answer>> + Send;

    /// The call of the embedding model.
    fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> impl Future<Output = Embedding> + Send;

    /// The call of the vector database.
    fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> impl Future<Output = Vec<Hit>> + Send;

    /// Reranking, of so many hits.
    fn rerank(&self, question: &Question, hits: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked>;

    /// The making of the prompt, from so many documents.
    fn prompt(&self, question: &Question, documents: usize, work: impl FnOnce() -> Prompt) -> Prompt;

    /// The call of the language model.
    fn chat(&self, work: impl Future<Output = Completion> + Send) -> impl Future<Output = Completion> + Send;

    /// The write to the cache, of so many bytes.
    fn cache_set(&self, work: impl Future<Output = usize> + Send) -> impl Future<Output = usize> + Send;

    /// Exports what is left, within about `limit`. Blocks: not for a runtime's worker.
    fn shutdown(&self, limit: Duration);
}

/// The route a request matched.
fn route(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or_else(|| request.uri().path().to_owned(), |matched| matched.as_str().to_owned())
}

/// `network.protocol.version` of a request.
fn protocol_version(request: &Request) -> &'static str {
    match request.version() {
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        _ => "1.1",
    }
}

/// A count as OpenTelemetry has it: its integers have a sign.
fn int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Highest and lowest score of documents that are sorted by it; 0 where there are none.
fn extremes(ranked: &[Ranked]) -> (f64, f64) {
    let score = |ranked: Option<&Ranked>| ranked.map_or(0.0, |ranked| f64::from(ranked.score));
    (score(ranked.first()), score(ranked.last()))
}

/// The highest score of hits, which are sorted by it; 0 where there are none.
fn best(hits: &[Hit]) -> f64 {
    hits.first().map_or(0.0, |hit| f64::from(hit.score))
}
