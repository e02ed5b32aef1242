//! The API of OpenTelemetry, used directly: over its SDK, or over `otlp-inline`.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::{FutureExt as _, Span as _, SpanKind, Status, TraceContextExt as _, Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue, global};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::{Instrument, best, extremes, inline, int, otlp, protocol_version, route};
use crate::faults::FaultConfig;
use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked, SEARCH_LIMIT, TOP_K};

/// Spans by `opentelemetry`, through a provider `P`.
pub(crate) struct Direct<P: Provider> {
    provider: P,
    tracer: P::Tracer,
}

/// A tracer provider that ends.
pub(crate) trait Provider:
    TracerProvider<Tracer: Tracer<Span: Send + Sync + 'static> + Send + Sync> + Send + Sync + 'static
{
    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult;
}

impl Provider for SdkTracerProvider {
    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.shutdown_with_timeout(limit)
    }
}

impl Provider for otlp_inline::TracerProvider {
    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.shutdown_with_timeout(limit)
    }
}

impl Direct<otlp_inline::TracerProvider> {
    pub(crate) fn start_inline() -> Result<Self, Box<dyn std::error::Error>> {
        let provider = inline::provider()?;
        let tracer = provider.tracer(super::SCOPE);
        Ok(Self { provider, tracer })
    }
}

impl Direct<SdkTracerProvider> {
    pub(crate) fn start(faults: &FaultConfig) -> Result<Self, Box<dyn std::error::Error>> {
        let provider = otlp::provider(faults)?;
        let tracer = provider.tracer(super::SCOPE);
        Ok(Self { provider, tracer })
    }
}

impl<P: Provider> Direct<P> {
    /// A span under the current one.
    fn span<const N: usize>(
        &self,
        name: &'static str,
        kind: SpanKind,
        attributes: [KeyValue; N],
    ) -> <P::Tracer as Tracer>::Span {
        self.tracer.span_builder(name).with_kind(kind).with_attributes(attributes).start(&self.tracer)
    }
}

impl<P: Provider> Instrument for Direct<P> {
    async fn request(&self, request: Request, next: Next) -> Response {
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
        let (method, route) = (request.method().to_string(), route(&request));
        let span = self
            .tracer
            .span_builder(format!("{method} {route}"))
            .with_kind(SpanKind::Server)
            .with_attributes([
                KeyValue::new("http.request.method", method),
                KeyValue::new("http.route", route),
                KeyValue::new("url.path", request.uri().path().to_owned()),
                KeyValue::new("url.scheme", "http"),
                KeyValue::new("network.protocol.version", protocol_version(&request)),
            ])
            .start_with_context(&self.tracer, &parent);
        let context = parent.with_span(span);

        let response = next.run(request).with_context(context.clone()).await;

        let (span, status) = (context.span(), response.status());
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_u16().to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
        response
    }

    async fn query(&self, question: &Question, work: impl Future<Output = Answer> + Send) -> Answer {
        let span = self.span(
            "rag.query",
            SpanKind::Internal,
            [
                KeyValue::new("query.length", int(question.text.len())),
                KeyValue::new("query.words", int(question.text.split_whitespace().count())),
                KeyValue::new("search.limit", int(SEARCH_LIMIT)),
                KeyValue::new("rerank.top_k", int(TOP_K)),
            ],
        );
        let context = Context::current_with_span(span);

        let answer = work.with_context(context.clone()).await;

        let span = context.span();
        span.set_attribute(KeyValue::new("cache.hit", answer.cached));
        span.set_attribute(KeyValue::new("sources.count", int(answer.sources.len())));
        span.end();
        answer
    }

    async fn cache_get(&self, work: impl Future<Output = Option<Answer>> + Send) -> Option<Answer> {
        let mut span = self.span(
            "GET",
            SpanKind::Client,
            [
                KeyValue::new("db.system.name", "redis"),
                KeyValue::new("db.namespace", "0"),
                KeyValue::new("db.operation.name", "GET"),
                KeyValue::new("server.address", "cache"),
                KeyValue::new("server.port", 6379),
            ],
        );

        let found = work.await;

        span.set_attribute(KeyValue::new("cache.hit", found.is_some()));
        span.end();
        found
    }

    async fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> Embedding {
        let mut span = self.span(
            "embeddings text-embedding-3-large",
            SpanKind::Client,
            [
                KeyValue::new("gen_ai.operation.name", "embeddings"),
                KeyValue::new("gen_ai.provider.name", "openai"),
                KeyValue::new("gen_ai.request.model", "text-embedding-3-large"),
                KeyValue::new("server.address", "model"),
            ],
        );

        let embedding = work.await;

        span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", int(embedding.tokens)));
        span.set_attribute(KeyValue::new("gen_ai.embeddings.dimension.count", int(embedding.vector.len())));
        span.end();
        embedding
    }

    async fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> Vec<Hit> {
        let mut span = self.span(
            "query rag_documents",
            SpanKind::Client,
            [
                KeyValue::new("db.system.name", "qdrant"),
                KeyValue::new("db.collection.name", "rag_documents"),
                KeyValue::new("db.operation.name", "query"),
                KeyValue::new("server.address", "vectors"),
            ],
        );

        let hits = work.await;

        span.set_attribute(KeyValue::new("results.count", int(hits.len())));
        span.set_attribute(KeyValue::new("score.max", best(&hits)));
        span.end();
        hits
    }

    fn rerank(&self, question: &Question, hits: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked> {
        let mut span = self.span(
            "rag.rerank",
            SpanKind::Internal,
            [
                KeyValue::new("query.length", int(question.text.len())),
                KeyValue::new("input.count", int(hits)),
                KeyValue::new("top_k", int(TOP_K)),
            ],
        );

        let ranked = work();

        let (highest, lowest) = extremes(&ranked);
        span.set_attribute(KeyValue::new("output.count", int(ranked.len())));
        span.set_attribute(KeyValue::new("score.max", highest));
        span.set_attribute(KeyValue::new("score.min", lowest));
        span.end();
        ranked
    }

    fn prompt(&self, question: &Question, documents: usize, work: impl FnOnce() -> Prompt) -> Prompt {
        let mut span = self.span(
            "rag.prompt",
            SpanKind::Internal,
            [
                KeyValue::new("prompt.template", "documents-only"),
                KeyValue::new("documents.count", int(documents)),
                KeyValue::new("query.length", int(question.text.len())),
            ],
        );

        let prompt = work();

        span.set_attribute(KeyValue::new("prompt.length", int(prompt.text.len())));
        span.set_attribute(KeyValue::new("prompt.tokens", int(prompt.tokens)));
        span.set_attribute(KeyValue::new("prompt.truncated", false));
        span.end();
        prompt
    }

    async fn chat(&self, work: impl Future<Output = Completion> + Send) -> Completion {
        let mut span = self.span(
            "chat gpt-4o-mini",
            SpanKind::Client,
            [
                KeyValue::new("gen_ai.operation.name", "chat"),
                KeyValue::new("gen_ai.provider.name", "openai"),
                KeyValue::new("gen_ai.request.model", "gpt-4o-mini"),
                KeyValue::new("server.address", "model"),
            ],
        );

        let completion = work.await;

        span.set_attribute(KeyValue::new("gen_ai.usage.input_tokens", int(completion.input_tokens)));
        span.set_attribute(KeyValue::new("gen_ai.usage.output_tokens", int(completion.output_tokens)));
        span.end();
        completion
    }

    async fn cache_set(&self, work: impl Future<Output = usize> + Send) -> usize {
        let mut span = self.span(
            "SET",
            SpanKind::Client,
            [
                KeyValue::new("db.system.name", "redis"),
                KeyValue::new("db.namespace", "0"),
                KeyValue::new("db.operation.name", "SET"),
                KeyValue::new("server.address", "cache"),
                KeyValue::new("server.port", 6379),
            ],
        );

        let bytes = work.await;

        span.set_attribute(KeyValue::new("value.bytes", int(bytes)));
        span.end();
        bytes
    }

    fn shutdown(&self, limit: Duration) {
        // What could not be exported is lost; there is nothing left to do about it.
        let _ = self.provider.shutdown_with_timeout(limit);
    }
}
