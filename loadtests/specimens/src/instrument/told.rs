//! Spans that are told when they are over: while one runs, there are only its ids. Over `otlp-inline`, as the reference
//! service does it.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use opentelemetry::trace::{SpanContext, SpanKind, Status, TraceContextExt as _, TraceState, TracerProvider as _};
use opentelemetry::{KeyValue, SpanId, TraceFlags, TraceId, global};
use opentelemetry_http::HeaderExtractor;
use otlp_inline::{FinishedSpan, HeldBack, Tracer, TracerProvider};

use super::{Instrument, best, extremes, inline, int, protocol_version, route};
use crate::pipeline::{Answer, Completion, Embedding, Hit, Prompt, Question, Ranked, SEARCH_LIMIT, TOP_K};

/// Spans that are written together: those of some twenty requests.
const TOGETHER: usize = 192;

/// A layer of its own, which knows what its spans will say.
pub(crate) struct Told {
    provider: TracerProvider,
    tracer: Tracer,
    over: Arc<HeldBack<Over>>,
}

/// The ids of a span.
#[derive(Clone, Copy)]
struct Ids {
    trace_id: TraceId,
    span_id: SpanId,
    flags: TraceFlags,
    is_remote: bool,
}

/// A span that runs.
struct Open {
    name: Cow<'static, str>,
    kind: SpanKind,
    ids: Ids,
    parent: Ids,
    /// In nanoseconds since 1970.
    started: u64,
}

/// A span that is over.
struct Over {
    span: Open,
    /// In nanoseconds since 1970.
    ended: u64,
    attributes: Vec<KeyValue>,
    status: Status,
}

thread_local!(static CURRENT: Cell<Ids> = const { Cell::new(Ids::NONE) });

impl Ids {
    const NONE: Self =
        Self { trace_id: TraceId::INVALID, span_id: SpanId::INVALID, flags: TraceFlags::NOT_SAMPLED, is_remote: false };

    fn of(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id(),
            span_id: context.span_id(),
            flags: context.trace_flags(),
            is_remote: context.is_remote(),
        }
    }

    fn context(self) -> SpanContext {
        SpanContext::new(self.trace_id, self.span_id, self.flags, self.is_remote, TraceState::NONE)
    }
}

/// What was current is so again when this is dropped.
struct Entered(Ids);

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

impl Told {
    pub(crate) fn start() -> Result<Self, Box<dyn std::error::Error>> {
        let held_back = Arc::<OnceLock<Arc<HeldBack<Over>>>>::default();
        let known = Arc::clone(&held_back);
        let write_all = move || known.get().into_iter().for_each(|over| over.write_all());
        let provider = inline::builder()?.with_held_back(write_all).build()?;
        let tracer = provider.tracer(super::SCOPE);
        let writing = tracer.clone();
        let over = HeldBack::new(TOGETHER, move |over: &mut Over| over.write(&writing));
        let over = Arc::clone(held_back.get_or_init(|| Arc::new(over)));
        Ok(Self { provider, tracer, over })
    }

    fn open(&self, parent: Ids, name: Cow<'static, str>, kind: SpanKind) -> Open {
        let valid = parent.trace_id != TraceId::INVALID;
        let followed = if valid { self.tracer.follow(parent.flags, parent.is_remote) } else { None };
        let ids = match followed {
            Some((span_id, flags)) => Ids { trace_id: parent.trace_id, span_id, flags, is_remote: false },
            None => Ids::of(&self.tracer.begin(&parent.context(), &name, &kind, &[]).context),
        };
        Open { name, kind, ids, parent, started: now() }
    }

    fn span(&self, name: &'static str, kind: SpanKind) -> Open {
        self.open(CURRENT.get(), name.into(), kind)
    }

    fn end<const N: usize>(&self, span: Open, attributes: [KeyValue; N]) {
        self.tell(Over { span, ended: now(), attributes: attributes.into(), status: Status::Unset });
    }

    fn tell(&self, over: Over) {
        if over.span.ids.flags.is_sampled() {
            self.over.take(over);
        }
    }
}

impl Open {
    fn enter(&self) -> Entered {
        Entered(CURRENT.replace(self.ids))
    }

    async fn within<W: Future>(&self, work: W) -> W::Output {
        let mut work = pin!(work);
        poll_fn(|task| {
            let _current = self.enter();
            work.as_mut().poll(task)
        })
        .await
    }
}

impl Over {
    fn write(&self, tracer: &Tracer) {
        let Open { name, kind, ids, parent, started } = &self.span;
        tracer.record(&FinishedSpan {
            context: &ids.context(),
            parent: parent.span_id,
            parent_is_remote: parent.is_remote,
            name,
            kind,
            start: *started,
            end: self.ended,
            prepared: None,
            attributes: &self.attributes,
            status: &self.status,
        });
    }
}

impl Instrument for Told {
    async fn request(&self, request: Request, next: Next) -> Response {
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&HeaderExtractor(request.headers())));
        let parent = Ids::of(parent.span().span_context());
        let (method, route) = (request.method().to_string(), route(&request));
        let span = self.open(parent, format!("{method} {route}").into(), SpanKind::Server);
        let mut attributes = vec![
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route),
            KeyValue::new("url.path", request.uri().path().to_owned()),
            KeyValue::new("url.scheme", "http"),
            KeyValue::new("network.protocol.version", protocol_version(&request)),
        ];

        let response = span.within(next.run(request)).await;

        let (code, mut status) = (response.status(), Status::Unset);
        attributes.push(KeyValue::new("http.response.status_code", i64::from(code.as_u16())));
        if code.is_server_error() {
            attributes.push(KeyValue::new("error.type", code.as_u16().to_string()));
            status = Status::error("");
        }
        self.tell(Over { span, ended: now(), attributes, status });
        response
    }

    async fn query(&self, question: &Question, work: impl Future<Output = Answer> + Send) -> Answer {
        let span = self.span("rag.query", SpanKind::Internal);

        let answer = span.within(work).await;

        self.end(
            span,
            [
                KeyValue::new("query.length", int(question.text.len())),
                KeyValue::new("query.words", int(question.text.split_whitespace().count())),
                KeyValue::new("search.limit", int(SEARCH_LIMIT)),
                KeyValue::new("rerank.top_k", int(TOP_K)),
                KeyValue::new("cache.hit", answer.cached),
                KeyValue::new("sources.count", int(answer.sources.len())),
            ],
        );
        answer
    }

    async fn cache_get(&self, work: impl Future<Output = Option<Answer>> + Send) -> Option<Answer> {
        let span = self.span("GET", SpanKind::Client);

        let found = work.await;

        self.end(
            span,
            [
                KeyValue::new("db.system.name", "redis"),
                KeyValue::new("db.namespace", "0"),
                KeyValue::new("db.operation.name", "GET"),
                KeyValue::new("server.address", "cache"),
                KeyValue::new("server.port", 6379),
                KeyValue::new("cache.hit", found.is_some()),
            ],
        );
        found
    }

    async fn embedding(&self, work: impl Future<Output = Embedding> + Send) -> Embedding {
        let span = self.span("embeddings text-embedding-3-large", SpanKind::Client);

        let embedding = work.await;

        self.end(
            span,
            [
                KeyValue::new("gen_ai.operation.name", "embeddings"),
                KeyValue::new("gen_ai.provider.name", "openai"),
                KeyValue::new("gen_ai.request.model", "text-embedding-3-large"),
                KeyValue::new("server.address", "model"),
                KeyValue::new("gen_ai.usage.input_tokens", int(embedding.tokens)),
                KeyValue::new("gen_ai.embeddings.dimension.count", int(embedding.vector.len())),
            ],
        );
        embedding
    }

    async fn vector_search(&self, work: impl Future<Output = Vec<Hit>> + Send) -> Vec<Hit> {
        let span = self.span("query rag_documents", SpanKind::Client);

        let hits = work.await;

        self.end(
            span,
            [
                KeyValue::new("db.system.name", "qdrant"),
                KeyValue::new("db.collection.name", "rag_documents"),
                KeyValue::new("db.operation.name", "query"),
                KeyValue::new("server.address", "vectors"),
                KeyValue::new("results.count", int(hits.len())),
                KeyValue::new("score.max", best(&hits)),
            ],
        );
        hits
    }

    fn rerank(&self, question: &Question, hits: usize, work: impl FnOnce() -> Vec<Ranked>) -> Vec<Ranked> {
        let span = self.span("rag.rerank", SpanKind::Internal);

        let ranked = work();

        let (highest, lowest) = extremes(&ranked);
        self.end(
            span,
            [
                KeyValue::new("query.length", int(question.text.len())),
                KeyValue::new("input.count", int(hits)),
                KeyValue::new("top_k", int(TOP_K)),
                KeyValue::new("output.count", int(ranked.len())),
                KeyValue::new("score.max", highest),
                KeyValue::new("score.min", lowest),
            ],
        );
        ranked
    }

    fn prompt(&self, question: &Question, documents: usize, work: impl FnOnce() -> Prompt) -> Prompt {
        let span = self.span("rag.prompt", SpanKind::Internal);

        let prompt = work();

        self.end(
            span,
            [
                KeyValue::new("prompt.template", "documents-only"),
                KeyValue::new("documents.count", int(documents)),
                KeyValue::new("query.length", int(question.text.len())),
                KeyValue::new("prompt.length", int(prompt.text.len())),
                KeyValue::new("prompt.tokens", int(prompt.tokens)),
                KeyValue::new("prompt.truncated", false),
            ],
        );
        prompt
    }

    async fn chat(&self, work: impl Future<Output = Completion> + Send) -> Completion {
        let span = self.span("chat gpt-4o-mini", SpanKind::Client);

        let completion = work.await;

        self.end(
            span,
            [
                KeyValue::new("gen_ai.operation.name", "chat"),
                KeyValue::new("gen_ai.provider.name", "openai"),
                KeyValue::new("gen_ai.request.model", "gpt-4o-mini"),
                KeyValue::new("server.address", "model"),
                KeyValue::new("gen_ai.usage.input_tokens", int(completion.input_tokens)),
                KeyValue::new("gen_ai.usage.output_tokens", int(completion.output_tokens)),
            ],
        );
        completion
    }

    async fn cache_set(&self, work: impl Future<Output = usize> + Send) -> usize {
        let span = self.span("SET", SpanKind::Client);

        let bytes = work.await;

        self.end(
            span,
            [
                KeyValue::new("db.system.name", "redis"),
                KeyValue::new("db.namespace", "0"),
                KeyValue::new("db.operation.name", "SET"),
                KeyValue::new("server.address", "cache"),
                KeyValue::new("server.port", 6379),
                KeyValue::new("value.bytes", int(bytes)),
            ],
        );
        bytes
    }

    fn shutdown(&self, limit: Duration) {
        self.over.close();
        // What could not be exported is lost; there is nothing left to do about it.
        let _ = self.provider.shutdown_with_timeout(limit);
    }
}

/// In nanoseconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
