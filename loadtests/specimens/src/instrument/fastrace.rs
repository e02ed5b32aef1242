//! fastrace, exported by fastrace-opentelemetry.
//!
//! Its properties are text, whatever they are elsewhere. It knows no sampler: what it traces the caller decides, by the
//! flag of `traceparent`.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::mpsc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use fastrace::collector::Config;
use fastrace::prelude::*;
use fastrace_opentelemetry::{OpenTelemetryReporter, SPAN_KIND, SPAN_STATUS_CODE};
use opentelemetry::InstrumentationScope;

use super::{Instrument, best, extremes, otlp, protocol_version, route};
use crate::faults::FaultConfig;
use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked, SEARCH_LIMIT, TOP_K};

type Property = (&'static str, Cow<'static, str>);

/// Spans by `fastrace`.
pub(crate) struct Fastrace;

impl Fastrace {
    /// Starts the reporter. `interval` is the longest time between two reports, fastrace's own if absent.
    pub(crate) fn start(interval: Option<Duration>, faults: &FaultConfig) -> Result<Self, Box<dyn std::error::Error>> {
        let scope = InstrumentationScope::builder(super::SCOPE).build();
        let reporter = OpenTelemetryReporter::new(otlp::exporter(faults)?, Cow::Owned(otlp::resource()), scope);
        let config = interval.map_or_else(Config::default, |interval| Config::default().report_interval(interval));
        fastrace::set_reporter(reporter, config);
        Ok(Self)
    }
}

/// A property whose value is known.
fn fixed(key: &'static str, value: &'static str) -> Property {
    (key, Cow::Borrowed(value))
}

/// A property whose value is to be written out.
fn shown(key: &'static str, value: impl Display) -> Property {
    (key, Cow::Owned(format!("{value}")))
}

impl Instrument for Fastrace {
    async fn request(&self, request: Request, next: Next) -> Response {
        let traceparent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
        let parent = traceparent.and_then(SpanContext::decode_w3c_traceparent).unwrap_or_else(SpanContext::random);
        let (method, route) = (request.method().to_string(), route(&request));
        let root = Span::root(format!("{method} {route}"), parent).with_properties(|| {
            [
                fixed(SPAN_KIND, "server"),
                ("http.request.method", Cow::Owned(method)),
                ("http.route", Cow::Owned(route)),
                shown("url.path", request.uri().path()),
                fixed("url.scheme", "http"),
                fixed("network.protocol.version", protocol_version(&request)),
            ]
        });
        async {
            let response = next.run(request).await;

            let status = response.status();
            LocalSpan::add_property(|| shown("http.response.status_code", status.as_u16()));
            if status.is_server_error() {
                LocalSpan::add_properties(|| [shown("error.type", status.as_u16()), fixed(SPAN_STATUS_CODE, "error")]);
            }
            response
        }
        .in_span(root)
        .await
    }

    async fn query(&self, question: &Question, work: impl Future<Output = Answer> + Send) -> Answer {
        let span = Span::enter_with_local_parent("rag.query").with_properties(|| {
            [
                shown("query.length", question.text.len()),
                shown("query.words", question.text.split_whitespace().count()),
                shown("search.limit", SEARCH_LIMIT),
                shown("rerank.top_k", TOP_K),
            ]
        });
        async {
            let answer = work.await;

            LocalSpan::add_properties(|| {
                [shown("cache.hit", answer.cached), shown("sources.count", answer.sources.len())]
            });
            answer
        }
        .in_span(span)
        .await
    }

    async fn cache_get(&self, work: impl Future<Output = Option<Answer>> + Send) -> Option<Answer> {
        let span = Span::enter_with_local_parent("GET").with_properties(|| {
            [
                fixed(SPAN_KIND, "client"),
                fixed("db.system.name", "redis"),
                fixed("db.namespace", "0"),
                fixed("db.operation.name", "GET"),
                fixed("server.address", "cache"),
                fixed("server.port", "6379"),
            ]
        });
        async {
            let found = work.await;

            LocalSpan::add_property(|| shown("cache.hit", found.is_some()));
            found
        }
        .in_span(span)
        .await
    }

    async fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> Embedding {
        let span = Span::enter_with_local_parent("embeddings text-embedding-3-large").with_properties(|| {
            [
                fixed(SPAN_KIND, "client"),
                fixed("gen_ai.operation.name", "embeddings"),
                fixed("gen_ai.provider.name", "openai"),
                fixed("gen_ai.request.model", "text-embedding-3-large"),
                fixed("server.address", "model"),
            ]
        });
        async {
            let embedding = work.await;

            LocalSpan::add_properties(|| {
                [
                    shown("gen_ai.usage.input_tokens", embedding.tokens),
                    shown("gen_ai.embeddings.dimension.count", embedding.vector.len()),
                ]
            });
            embedding
        }
        .in_span(span)
        .await
    }

    async fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> Vec<Hit> {
        let span = Span::enter_with_local_parent("query rag_documents").with_properties(|| {
            [
                fixed(SPAN_KIND, "client"),
                fixed("db.system.name", "qdrant"),
                fixed("db.collection.name", "rag_documents"),
                fixed("db.operation.name", "query"),
                fixed("server.address", "vectors"),
            ]
        });
        async {
            let hits = work.await;

            LocalSpan::add_properties(|| [shown("results.count", hits.len()), shown("score.max", best(&hits))]);
            hits
        }
        .in_span(span)
        .await
    }

    fn rerank(&self, question: &Question, hits: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked> {
        let _span = LocalSpan::enter_with_local_parent("rag.rerank").with_properties(|| {
            [shown("query.length", question.text.len()), shown("input.count", hits), shown("top_k", TOP_K)]
        });

        let ranked = work();

        LocalSpan::add_properties(|| {
            let (highest, lowest) = extremes(&ranked);
            [shown("output.count", ranked.len()), shown("score.max", highest), shown("score.min", lowest)]
        });
        ranked
    }

    fn prompt(&self, question: &Question, documents: usize, work: impl FnOnce() -> Prompt) -> Prompt {
        let _span = LocalSpan::enter_with_local_parent("rag.prompt").with_properties(|| {
            [
                fixed("prompt.template", "documents-only"),
                shown("documents.count", documents),
                shown("query.length", question.text.len()),
            ]
        });

        let prompt = work();

        LocalSpan::add_properties(|| {
            [
                shown("prompt.length", prompt.text.len()),
                shown("prompt.tokens", prompt.tokens),
                fixed("prompt.truncated", "false"),
            ]
        });
        prompt
    }

    async fn chat(&self, work: impl Future<Output = Completion> + Send) -> Completion {
        let span = Span::enter_with_local_parent("chat gpt-4o-mini").with_properties(|| {
            [
                fixed(SPAN_KIND, "client"),
                fixed("gen_ai.operation.name", "chat"),
                fixed("gen_ai.provider.name", "openai"),
                fixed("gen_ai.request.model", "gpt-4o-mini"),
                fixed("server.address", "model"),
            ]
        });
        async {
            let completion = work.await;

            LocalSpan::add_properties(|| {
                [
                    shown("gen_ai.usage.input_tokens", completion.input_tokens),
                    shown("gen_ai.usage.output_tokens", completion.output_tokens),
                ]
            });
            completion
        }
        .in_span(span)
        .await
    }

    async fn cache_set(&self, work: impl Future<Output = usize> + Send) -> usize {
        let span = Span::enter_with_local_parent("SET").with_properties(|| {
            [
                fixed(SPAN_KIND, "client"),
                fixed("db.system.name", "redis"),
                fixed("db.namespace", "0"),
                fixed("db.operation.name", "SET"),
                fixed("server.address", "cache"),
                fixed("server.port", "6379"),
            ]
        });
        async {
            let bytes = work.await;

            LocalSpan::add_property(|| shown("value.bytes", bytes));
            bytes
        }
        .in_span(span)
        .await
    }

    fn shutdown(&self, limit: Duration) {
        // `flush` has no limit of its own.
        let (flushed, done) = mpsc::channel();
        std::thread::spawn(move || {
            fastrace::flush();
            // Nobody waits any more once the limit is over.
            let _ = flushed.send(());
        });
        let _ = done.recv_timeout(limit);
    }
}
