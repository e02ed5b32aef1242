//! One request and its answer, as somebody outside the service saw it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::otlp::json::{ReadReal, WriteReal};

/// A request and its answer. The driver records those with the service, each stand-in those the service made to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Who recorded it.
    pub by: Party,
    /// The scenario during which it happened; empty outside any.
    #[serde(default)]
    pub scenario: String,
    /// Position of the request in its scenario, from 0; 0 for stand-ins.
    #[serde(default)]
    pub step: usize,
    /// `POST`, or the full gRPC method (`/qdrant.Points/Query`), or the Redis command.
    pub method: String,
    /// Path with query, as sent; empty for gRPC and Redis.
    #[serde(default)]
    pub path: String,
    /// Request headers or gRPC metadata, names in lower case.
    #[serde(default)]
    pub request_headers: BTreeMap<String, String>,
    /// Request body as text; bodies that are not UTF-8 are replaced lossily.
    #[serde(default)]
    pub request_body: String,
    /// HTTP status, or gRPC code; `None` if no answer came (refused, timed out, client left before the head).
    pub status: Option<u16>,
    /// Response headers, names in lower case.
    #[serde(default)]
    pub response_headers: BTreeMap<String, String>,
    /// Response body as text, up to where it was read.
    #[serde(default)]
    pub response_body: String,
    /// When the request was about to be sent or had been read, in nanoseconds since the Unix epoch.
    pub start: u64,
    /// When the answer had been read or written, in nanoseconds since the Unix epoch.
    pub end: u64,
    /// Whether the client left before the end of the answer.
    #[serde(default)]
    pub left: bool,
    /// What the driver said about tracing; `None` for stand-ins.
    #[serde(default)]
    pub trace: Option<TraceContext>,
    /// Labels given by the scenario (`stage: llm`), for relations to select by.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Numbers the recorder knows for certain, for relations to add up: `prompt_tokens`, `completion_tokens`.
    #[serde(default, serialize_with = "write_numbers", deserialize_with = "read_numbers")]
    pub facts: BTreeMap<String, f64>,
    /// What the scenario expected of the answer and did not get, one sentence each; empty when all held.
    #[serde(default)]
    pub unmet: Vec<String>,
}

/// Who recorded an exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The scenario driver, talking to the service.
    #[default]
    Driver,
    /// The OTLP receiver. It records only the requests it refused.
    Collector,
    /// The model server.
    Model,
    /// The vector store.
    Qdrant,
    /// The cache.
    Redis,
}

/// What the driver said about tracing in a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "sent")]
pub enum TraceContext {
    /// A valid `traceparent` with the sampled flag.
    Sampled {
        /// Trace id, 32 hexadecimal digits.
        trace_id: String,
        /// The driver's own span id, 16 hexadecimal digits: the parent of the service's root.
        span_id: String,
    },
    /// A valid `traceparent` without the sampled flag: nothing may be exported for it.
    Unsampled {
        /// Trace id, 32 hexadecimal digits.
        trace_id: String,
        /// The driver's own span id, 16 hexadecimal digits.
        span_id: String,
    },
    /// A `traceparent` that W3C Trace Context calls invalid: the service must start a trace of its own.
    Malformed {
        /// The header as sent.
        header: String,
    },
    /// No `traceparent`: the service must start a trace of its own.
    None,
}

/// Writes numbers so that all come back: JSON has none for `NaN` and the infinities.
fn write_numbers<S: Serializer>(numbers: &BTreeMap<String, f64>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(numbers.iter().map(|(name, number)| (name, WriteReal(*number))))
}

fn read_numbers<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, f64>, D::Error> {
    let numbers = BTreeMap::<String, ReadReal>::deserialize(from)?;
    Ok(numbers.into_iter().map(|(name, number)| (name, number.0)).collect())
}
