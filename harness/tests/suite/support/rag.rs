//! A service that answers queries, its contract, and traces that keep it. Benchmarks use it too.

use otelgate_harness::capture::SpanKind::{Client, Server};
use otelgate_harness::capture::StatusCode::Error;
use otelgate_harness::capture::Value;
use otelgate_harness::capture::build::{SpanSpec, span};
use otelgate_harness::contract::{Contract, parse};

/// The contract of the 16 spans of [`cold_query`].
pub(crate) const CONTRACT: &str = r#"
version: 1
conventions: [http, database, genai]
spans:
  rag.query: {attributes: {query.length: {type: int, min: 1}, search.limit: {type: int, optional: true}}}
  rag.rerank: {attributes: {top_k: {type: int}}}
  "chat {gen_ai.request.model}": {kind: client}
traces:
  cold:
    span: "{http.request.method} {http.route}"
    kind: server
    status: unset
    attributes: {http.response.status_code: 200}
    children:
    - span: rag.query
      kind: internal
      ordered: true
      attributes: {cache.hit: false}
      children:
      - {span: GET, kind: client, attributes: {db.system.name: redis}}
      - span: rag.embedding
        kind: internal
        attributes: {tokens.total: {type: int, min: 1}, cache.hit: false}
        children:
        - {span: GET, kind: client, attributes: {db.system.name: redis}}
        - span: "embeddings {gen_ai.request.model}"
          kind: client
          children:
          - {span: POST, kind: client, status: error, error-type: "429", attributes: {http.response.status_code: 429}}
          - {span: POST, kind: client, status: unset, attributes: {http.response.status_code: 200, error.type: {absent: true}}}
        - {span: SET, kind: client, attributes: {db.system.name: redis}}
      - span: rag.vector_search
        kind: internal
        children:
        - {span: query rag_documents, kind: client, attributes: {db.system.name: qdrant}}
      - {span: rag.rerank, kind: internal, events: [{name: reranked}], links: {count: 1}}
      - span: rag.llm_generation
        kind: internal
        children:
        - span: "chat {gen_ai.request.model}"
          kind: client
          children:
          - {span: POST, kind: client}
          - {span: retry, count: 0..1}
      - {span: SET, kind: client, attributes: {db.system.name: redis}}
scenarios:
  cold query: cold
"#;

/// [`CONTRACT`], read.
pub(crate) fn contract() -> Contract {
    parse(CONTRACT, "rag").expect("the contract is valid")
}

fn redis(name: &str) -> SpanSpec {
    span(name)
        .kind(Client)
        .attribute("db.system.name", "redis")
        .attribute("db.operation.name", name)
        .attribute("server.address", "127.0.0.1")
        .attribute("server.port", 6379)
}

fn post(status: i64) -> SpanSpec {
    span("POST")
        .kind(Client)
        .attribute("http.request.method", "POST")
        .attribute("server.address", "127.0.0.1")
        .attribute("server.port", 8080)
        .attribute("url.full", "http://127.0.0.1:8080/v1")
        .attribute("http.response.status_code", status)
}

fn model(name: &str, operation: &str, model: &str) -> SpanSpec {
    span(name)
        .kind(Client)
        .attribute("gen_ai.operation.name", operation)
        .attribute("gen_ai.provider.name", "openai")
        .attribute("gen_ai.request.model", model)
        .attribute("gen_ai.response.model", model)
        .attribute("gen_ai.usage.input_tokens", 12)
        .attribute("server.address", "127.0.0.1")
        .attribute("server.port", 8080)
}

/// The trace of a cold query: 16 spans.
pub(crate) fn cold_query() -> SpanSpec {
    let embeddings = model("embeddings text-embedding-3-large", "embeddings", "text-embedding-3-large")
        .child(post(429).status(Error).attribute("error.type", "429"))
        .child(post(200));
    let chat = model("chat gpt-4o-mini", "chat", "gpt-4o-mini")
        .attribute("gen_ai.usage.output_tokens", 34)
        .attribute("gen_ai.response.finish_reasons", Value::Array([Value::from("stop")].into()))
        .child(post(200));
    let query = span("rag.query")
        .attribute("query.length", 17)
        .attribute("cache.hit", false)
        .attribute("search.limit", 10)
        .child(redis("GET"))
        .child(
            span("rag.embedding")
                .attribute("tokens.total", 12)
                .attribute("cache.hit", false)
                .child(redis("GET"))
                .child(embeddings)
                .child(redis("SET")),
        )
        .child(
            span("rag.vector_search").child(
                span("query rag_documents")
                    .kind(Client)
                    .attribute("db.system.name", "qdrant")
                    .attribute("db.operation.name", "query")
                    .attribute("db.collection.name", "rag_documents")
                    .attribute("server.address", "127.0.0.1")
                    .attribute("server.port", 6334),
            ),
        )
        .child(span("rag.rerank").attribute("top_k", 5).event("reranked").link())
        .child(span("rag.llm_generation").child(chat))
        .child(redis("SET"));
    span("POST /api/rag")
        .kind(Server)
        .attribute("http.request.method", "POST")
        .attribute("http.route", "/api/rag")
        .attribute("url.path", "/api/rag")
        .attribute("url.scheme", "http")
        .attribute("http.response.status_code", 200)
        .child(query)
}
