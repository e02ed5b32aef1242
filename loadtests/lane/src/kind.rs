//! The kinds of requests.

use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use serde_json::json;

use crate::Error;

/// A kind of request; each passes through other parts of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A question nobody asked before: embedding, search, rerank, answer.
    Cold,
    /// A question whose answer is in the cache.
    Cached,
    /// A question nobody asked before, answered as a stream.
    Streamed,
    /// The health endpoint: the least a request can do.
    Health,
}

const TOPIC: &str = "observability";

/// Some of the corpus, to be found by the questions.
const DOCUMENTS: [(&str, &str); 4] = [
    ("head-sampling", include_str!("../../../fixtures/corpus/sampling/head-sampling.md")),
    ("what-a-span-is", include_str!("../../../fixtures/corpus/tracing/what-a-span-is.md")),
    ("label-cardinality", include_str!("../../../fixtures/corpus/metrics/label-cardinality.md")),
    ("structured-logs", include_str!("../../../fixtures/corpus/logging/structured-logs.md")),
];

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "cold" => Some(Self::Cold),
            "cached" => Some(Self::Cached),
            "streamed" => Some(Self::Streamed),
            "health" => Some(Self::Health),
            _ => None,
        }
    }

    /// Request number `number` of this kind: always the same, and as long as any other.
    pub(crate) fn request(self, number: u32) -> Result<Request<Body>, Error> {
        let builder = match self {
            Self::Health => Request::get("/health"),
            Self::Cold | Self::Cached => Request::post("/api/rag"),
            Self::Streamed => Request::post("/api/rag/stream"),
        };
        // As a caller that is traced itself: the service continues its trace.
        let builder = builder.header("traceparent", format!("00-{:032x}-00f067aa0ba902b7-01", u64::from(number) + 1));
        let question = match self {
            Self::Health => return Ok(builder.body(Body::empty())?),
            Self::Cached => 0,
            Self::Cold | Self::Streamed => number,
        };
        let query = format!("Why does head sampling decide at the root span, asked for the {question:06}th time?");
        let body = json!({ "query": query, "topic_ids": [TOPIC] });
        Ok(builder.header(CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))?)
    }
}

/// The request that brings the documents in.
pub(crate) fn documents() -> Result<Request<Body>, Error> {
    let documents = DOCUMENTS.map(|(id, text)| json!({ "id": id, "title": id, "topic_id": TOPIC, "text": text }));
    let body = json!({ "documents": documents }).to_string();
    Ok(Request::post("/api/documents").header(CONTENT_TYPE, "application/json").body(Body::from(body))?)
}
