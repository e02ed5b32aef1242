//! Traces as Jaeger's query API gives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What Jaeger answers; `data` is null where there is nothing.
#[derive(Debug, Deserialize)]
pub(super) struct Answer<T> {
    pub(super) data: Option<Vec<T>>,
}

/// A trace.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Trace {
    #[serde(rename = "traceID")]
    pub(super) id: String,
    #[serde(deserialize_with = "or_none")]
    pub(super) spans: Vec<Span>,
    pub(super) processes: BTreeMap<String, Process>,
}

/// A span. Times in microseconds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Span {
    #[serde(rename = "traceID")]
    pub(super) trace_id: String,
    #[serde(rename = "spanID")]
    pub(super) id: String,
    #[serde(rename = "processID")]
    pub(super) process: String,
    pub(super) operation_name: String,
    pub(super) start_time: i64,
    pub(super) duration: i64,
    #[serde(deserialize_with = "or_none")]
    pub(super) logs: Vec<Log>,
    #[serde(deserialize_with = "or_none")]
    pub(super) references: Vec<Reference>,
    #[serde(deserialize_with = "or_none")]
    pub(super) tags: Vec<Tag>,
    pub(super) warnings: Value,
    pub(super) stack_traces: Value,
}

/// What a span points to.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Reference {
    #[serde(rename = "refType")]
    pub(super) kind: String,
    #[serde(rename = "spanID")]
    pub(super) span_id: String,
    #[serde(rename = "traceID")]
    pub(super) trace_id: String,
}

/// An attribute.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Tag {
    key: String,
    #[serde(rename = "type")]
    kind: String,
    value: Value,
}

/// An event.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Log {
    /// Jaeger's microseconds.
    timestamp: i64,
    #[serde(deserialize_with = "or_none")]
    fields: Vec<Tag>,
    name: String,
}

/// A resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Process {
    pub(super) service_name: String,
    #[serde(deserialize_with = "or_none")]
    pub(super) tags: Vec<Tag>,
}

impl Trace {
    /// The span that began first, by which Grafana names a trace.
    pub(super) fn first(&self) -> Option<&Span> {
        // Of several that began together Grafana takes the one that comes first, as `min_by_key` does.
        self.spans.iter().min_by_key(|span| span.start_time)
    }

    /// The service of a span, empty if the trace does not say.
    pub(super) fn service(&self, span: &Span) -> &str {
        self.processes.get(&span.process).map_or("", |process| &process.service_name)
    }
}

/// An empty list in place of null.
fn or_none<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
