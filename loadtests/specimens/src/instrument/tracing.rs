//! `tracing`, bridged to OpenTelemetry by tracing-opentelemetry.
//!
//! There is no layer that logs, as there is none in the other ways: what is compared is the making of spans.

use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::global;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::field::Empty;
use tracing::{Instrument as _, Level, info_span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt as _};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Instrument, best, extremes, int, otlp, protocol_version, route};
use crate::faults::FaultConfig;
use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked, SEARCH_LIMIT, TOP_K};

/// How the bridge is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TracingConfig {
    /// As the example of tracing-opentelemetry: level INFO and above, from anybody.
    Default,
    /// As the documentation of tracing-opentelemetry begins: the layer alone. The exporter's own clients then are traced
    /// as well.
    Unfiltered,
    /// This crate's spans alone, and no attribute that the crate did not set.
    Trimmed,
}

/// Spans by `tracing`.
pub(crate) struct Tracing {
    provider: SdkTracerProvider,
}

impl Tracing {
    pub(crate) fn start(config: TracingConfig, faults: &FaultConfig) -> Result<Self, Box<dyn std::error::Error>> {
        let provider = otlp::provider(faults)?;
        let tracer = provider.tracer(super::SCOPE);
        match config {
            TracingConfig::Default => tracing_subscriber::registry()
                .with(LevelFilter::INFO)
                .with(OpenTelemetryLayer::new(tracer))
                .try_init()?,
            TracingConfig::Unfiltered => {
                tracing_subscriber::registry().with(OpenTelemetryLayer::new(tracer)).try_init()?;
            }
            TracingConfig::Trimmed => {
                let layer = OpenTelemetryLayer::new(tracer)
                    .with_location(false)
                    .with_threads(false)
                    .with_tracked_inactivity(false)
                    .with_level(false)
                    .with_target(false)
                    .with_context_activation(false)
                    .with_error_events_to_status(false)
                    .with_error_events_to_exceptions(false)
                    .with_error_fields_to_exceptions(false)
                    .with_error_records_to_exceptions(false);
                let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), Level::INFO);
                tracing_subscriber::registry().with(ours).with(layer).try_init()?;
            }
        }
        Ok(Self { provider })
    }
}

impl Instrument for Tracing {
    async fn request(&self, request: Request, next: Next) -> Response {
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
        let (method, route) = (request.method().as_str(), route(&request));
        let span = info_span!(
            "request",
            otel.name = format!("{method} {route}"),
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = route,
            url.path = request.uri().path(),
            url.scheme = "http",
            network.protocol.version = protocol_version(&request),
            http.response.status_code = Empty,
            "error.type" = Empty,
        );
        // Fails only where no layer bridges, and then there is nothing to continue.
        let _ = span.set_parent(parent);

        let response = next.run(request).instrument(span.clone()).await;

        let status = response.status();
        span.record("http.response.status_code", i64::from(status.as_u16()));
        if status.is_server_error() {
            span.record("error.type", status.as_str());
            span.record("otel.status_code", "ERROR");
        }
        response
    }

    async fn query(&self, question: &Question, work: impl Future<Output = Answer> + Send) -> Answer {
        let span = info_span!(
            "rag.query",
            query.length = int(question.text.len()),
            query.words = int(question.text.split_whitespace().count()),
            search.limit = int(SEARCH_LIMIT),
            rerank.top_k = int(TOP_K),
            cache.hit = Empty,
            sources.count = Empty,
        );

        let answer = work.instrument(span.clone()).await;

        span.record("cache.hit", answer.cached);
        span.record("sources.count", int(answer.sources.len()));
        answer
    }

    async fn cache_get(&self, work: impl Future<Output = Option<Answer>> + Send) -> Option<Answer> {
        let span = info_span!(
            "GET",
            otel.kind = "client",
            db.system.name = "redis",
            db.namespace = "0",
            db.operation.name = "GET",
            server.address = "cache",
            server.port = 6379,
            cache.hit = Empty,
        );

        let found = work.instrument(span.clone()).await;

        span.record("cache.hit", found.is_some());
        found
    }

    async fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> Embedding {
        let span = info_span!(
            "embeddings text-embedding-3-large",
            otel.kind = "client",
            gen_ai.operation.name = "embeddings",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "text-embedding-3-large",
            server.address = "model",
            gen_ai.usage.input_tokens = Empty,
            gen_ai.embeddings.dimension.count = Empty,
        );

        let embedding = work.instrument(span.clone()).await;

        span.record("gen_ai.usage.input_tokens", int(embedding.tokens));
        span.record("gen_ai.embeddings.dimension.count", int(embedding.vector.len()));
        embedding
    }

    async fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> Vec<Hit> {
        let span = info_span!(
            "query rag_documents",
            otel.kind = "client",
            db.system.name = "qdrant",
            db.collection.name = "rag_documents",
            db.operation.name = "query",
            server.address = "vectors",
            results.count = Empty,
            score.max = Empty,
        );

        let hits = work.instrument(span.clone()).await;

        span.record("results.count", int(hits.len()));
        span.record("score.max", best(&hits));
        hits
    }

    fn rerank(&self, question: &Question, hits: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked> {
        let span = info_span!(
            "rag.rerank",
            query.length = int(question.text.len()),
            input.count = int(hits),
            top_k = int(TOP_K),
            output.count = Empty,
            score.max = Empty,
            score.min = Empty,
        );

        let ranked = span.in_scope(work);

        let (highest, lowest) = extremes(&ranked);
        span.record("output.count", int(ranked.len()));
        span.record("score.max", highest);
        span.record("score.min", lowest);
        ranked
    }

    fn prompt(&self, question: &Question, documents: usize, work: impl FnOnce() -> Prompt) -> Prompt {
        let span = info_span!(
            "rag.prompt",
            prompt.template = "documents-only",
            documents.count = int(documents),
            query.length = int(question.text.len()),
            prompt.length = Empty,
            prompt.tokens = Empty,
            prompt.truncated = Empty,
        );

        let prompt = span.in_scope(work);

        span.record("prompt.length", int(prompt.text.len()));
        span.record("prompt.tokens", int(prompt.tokens));
        span.record("prompt.truncated", false);
        prompt
    }

    async fn chat(&self, work: impl Future<Output = Completion> + Send) -> Completion {
        let span = info_span!(
            "chat gpt-4o-mini",
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "gpt-4o-mini",
            server.address = "model",
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
        );

        let completion = work.instrument(span.clone()).await;

        span.record("gen_ai.usage.input_tokens", int(completion.input_tokens));
        span.record("gen_ai.usage.output_tokens", int(completion.output_tokens));
        completion
    }

    async fn cache_set(&self, work: impl Future<Output = usize> + Send) -> usize {
        let span = info_span!(
            "SET",
            otel.kind = "client",
            db.system.name = "redis",
            db.namespace = "0",
            db.operation.name = "SET",
            server.address = "cache",
            server.port = 6379,
            value.bytes = Empty,
        );

        let bytes = work.instrument(span.clone()).await;

        span.record("value.bytes", int(bytes));
        bytes
    }

    fn shutdown(&self, limit: Duration) {
        // What could not be exported is lost; there is nothing left to do about it.
        let _ = self.provider.shutdown_with_timeout(limit);
    }
}
