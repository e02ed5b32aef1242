//! A scenario, as its file says it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::contract::{Expect, Range};
use crate::standins::Fault;

/// One file of scenarios.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScenarioFile {
    /// Version of the format; 1.
    pub version: u32,
    /// Scenarios, driven in this order.
    pub scenarios: Vec<Scenario>,
}

/// Requests sent one after another, with faults in place meanwhile.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// Its name; unique in a run. Contracts and reports use it.
    pub scenario: String,
    /// Faults the stand-ins show from its first request to its last.
    #[serde(default)]
    pub given: Given,
    /// Sends the requests once for each item of a list or folder.
    pub each: Option<Each>,
    /// The requests, in order.
    pub requests: Vec<Request>,
}

/// Faults, by stand-in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Given {
    /// Of the OTLP receiver.
    #[serde(default)]
    pub collector: Vec<Fault>,
    /// Of the vector store.
    #[serde(default)]
    pub qdrant: Vec<Fault>,
    /// Of the cache.
    #[serde(default)]
    pub redis: Vec<Fault>,
    /// Of the model server.
    #[serde(default)]
    pub model: Vec<Fault>,
}

/// Where the items of a repeated scenario come from. A request refers to the fields of its item as `${each.FIELD}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Each {
    /// A YAML or JSON file holding a list of maps, or a folder of Markdown files with YAML front matter (fields of the
    /// front matter, and `text`). Relative to the scenario file.
    pub from: String,
    /// Sends this many items with each request, as the list `${each.items}`; one item a request if absent.
    pub batch: Option<usize>,
}

/// One request and what its answer must be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Request {
    /// Method and path: `POST /api/rag`.
    pub request: String,
    /// What it says about tracing.
    #[serde(default)]
    pub trace: TraceMode,
    /// Header values by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body. A string that is one placeholder and nothing else becomes the placeholder's value, of any type.
    pub json: Option<serde_json::Value>,
    /// A body as it stands; with `json`, an error.
    pub body: Option<String>,
    /// A body of this many bytes.
    pub body_bytes: Option<usize>,
    /// Leave once this many chunks of the answer's body have come.
    pub leave_after_chunks: Option<usize>,
    /// Labels for relations to select by: `{fails-at: llm}`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// What the answer must be.
    #[serde(default)]
    pub expect: Expectation,
    /// Numbers to take from the answer, by name, for the contract's `facts`.
    #[serde(default)]
    pub record: BTreeMap<String, Record>,
}

/// What a request says about tracing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TraceMode {
    /// A valid `traceparent` with the sampled flag.
    #[default]
    Sampled,
    /// A valid `traceparent` without the sampled flag.
    Unsampled,
    /// A `traceparent` that W3C Trace Context calls invalid.
    Malformed,
    /// No `traceparent`.
    None,
}

/// What an answer must be. Conditions that are absent hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Expectation {
    /// The status.
    pub status: Option<Range>,
    /// Values by JSON pointer into the body.
    #[serde(default)]
    pub json: BTreeMap<String, Expect>,
    /// Header values by name, in lower case.
    #[serde(default)]
    pub headers: BTreeMap<String, Expect>,
    /// Names of server-sent events in order, runs of equal names as one.
    pub events: Option<Vec<String>>,
    /// Text the body must hold.
    #[serde(default)]
    pub contains: Vec<String>,
    /// Text the body must not hold.
    #[serde(default)]
    pub lacks: Vec<String>,
}

/// A number taken from an answer: 1 if one of the first `top` entries of a list has a field whose value is among those
/// given, else 0.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Record {
    /// JSON pointer to a list of maps.
    pub list: String,
    /// The field of each map to look at.
    pub field: String,
    /// A placeholder that stands for a list of strings: `${each.relevant}`.
    pub among: String,
    /// How many entries to look at.
    pub top: usize,
}
