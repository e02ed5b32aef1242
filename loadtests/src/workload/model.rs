//! A workload, as its file says it.

use std::collections::BTreeMap;

use otelgate_harness::contract::Range;
use serde::Deserialize;

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkloadFile {
    /// Version of the format; 1.
    pub version: u32,
    /// Its name, for reports.
    pub workload: String,
    /// How many requests are open at once where the load is closed; 2 if absent.
    #[serde(default = "two")]
    pub concurrency: usize,
    /// Lists of strings to choose from: `${vary.NAME}` is one of them, by the seed.
    #[serde(default)]
    pub vary: BTreeMap<String, Vec<String>>,
    /// Requests sent once, in this order, before anything is measured.
    #[serde(default)]
    pub prepare: Vec<WorkloadRequest>,
    /// The requests of the load, mixed by weight.
    pub requests: Vec<WorkloadRequest>,
}

/// A kind of request. Requests of one kind leave the same number of spans.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WorkloadRequest {
    /// Its name; unique in a workload.
    pub name: String,
    /// How many of all requests are of this kind, in proportion to the other weights; 1 if absent.
    #[serde(default = "one")]
    pub weight: u32,
    /// Method and path: `POST /api/rag`.
    pub request: String,
    /// Header values by name.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body. `${item}` is the number of the request, so that no two are the same; `${vary.NAME}` one of a list.
    pub json: Option<serde_json::Value>,
    /// The status of a good answer; any 2xx if absent.
    pub status: Option<Range>,
    /// Whether it leaves no trace, as health checks do.
    #[serde(default)]
    pub untraced: bool,
    /// JSON pointers to what differs from answer to answer although nothing is wrong.
    #[serde(default)]
    pub volatile: Vec<String>,
}

fn two() -> usize {
    2
}

fn one() -> u32 {
    1
}
