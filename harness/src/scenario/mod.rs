//! Requests that drive the service, and the faults beside them.
//!
//! A scenario file is YAML:
//!
//! ```yaml
//! version: 1
//! scenarios:
//! - scenario: embedding answers 429, then succeeds
//!   given:
//!     model: [{on: embeddings, status: 429, retry-after: 0, times: 1}]
//!   requests:
//!   - request: POST /api/rag
//!     json: {query: "what is tail sampling? ${canary.query}", topic_ids: [sampling]}
//!     expect: {status: 200, json: {/cached: false}}
//! ```

mod driver;
mod each;
mod expectation;
mod load;
mod model;
mod request;
mod template;

pub use driver::{Driver, Target};
pub use load::{Loaded, ScenarioError, read_all};
pub use model::{Each, Expectation, Given, Record, Request, Scenario, ScenarioFile, TraceMode};
pub use template::{TemplateError, Variables};
