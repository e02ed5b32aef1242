//! Which requests are sent: a file, written by people.
//!
//! ```yaml
//! version: 1
//! workload: questions
//! vary: {topic: [sampling, tracing, metrics]}
//! prepare:                                   # sent once to each service before anything is measured
//! - {name: ingest, request: POST /api/documents, json: {documents: [...]}}
//! requests:
//! - name: cold question
//!   weight: 6                                # of ten requests six
//!   request: POST /api/rag
//!   json: {query: "question ${item} about ${vary.topic}", topic_ids: ["${vary.topic}"]}
//! - {name: health, weight: 4, request: GET /health, volatile: [/uptime_ms]}
//! ```
//!
//! A workload has no state: item number *n* of a seed is always the same request, whoever asks. So every arm of an
//! experiment gets the same requests, and a trace says by its id which item it belongs to ([`TraceIds`]).

mod compile;
mod items;
mod model;
mod trace_ids;

pub use compile::{Kind, Workload, WorkloadError, read};
pub use items::{Item, Seed};
pub use model::{WorkloadFile, WorkloadRequest};
pub use trace_ids::TraceIds;
