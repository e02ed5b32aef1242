//! Not instrumented: the baseline.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::Instrument;
use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked};

/// No spans.
pub(crate) struct Uninstrumented;

impl Instrument for Uninstrumented {
    async fn request(&self, request: Request, next: Next) -> Response {
        next.run(request).await
    }

    fn query(&self, _: &Question, work: impl Future<Output = Answer> + Send) -> impl Future<Output = Answer> + Send {
        work
    }

    fn cache_get(
        &self,
        work: impl Future<Output = Option<Answer>> + Send,
    ) -> impl Future<Output = Option<Answer>> + Send {
        work
    }

    fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> impl Future<Output = Embedding> + Send {
        work
    }

    fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> impl Future<Output = Vec<Hit>> + Send {
        work
    }

    fn rerank(&self, _: &Question, _: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked> {
        work()
    }

    fn prompt(&self, _: &Question, _: usize, work: impl FnOnce() -> Prompt) -> Prompt {
        work()
    }

    fn chat(&self, work: impl Future<Output = Completion> + Send) -> impl Future<Output = Completion> + Send {
        work
    }

    fn cache_set(&self, work: impl Future<Output = usize> + Send) -> impl Future<Output = usize> + Send {
        work
    }

    fn shutdown(&self, _: Duration) {}
}
