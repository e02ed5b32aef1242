//! What a service promises to emit.
//!
//! A contract is YAML. It says, for each scenario, which trace a request
//! leaves; for each metric its kind, unit, labels and buckets; how numbers of
//! different signals relate; what logs must and must not say. An indented list
//! is a span tree:
//!
//! ```yaml
//! version: 1
//! conventions: [http, database, genai, resource]
//! traces:
//!   cold-query:
//!     span: "{http.request.method} {http.route}"
//!     kind: server
//!     children:
//!     - span: rag.query
//!       attributes: {cache.hit: false, results.count: {type: int, min: 1}}
//!       children:
//!       - span: rag.embedding
//! scenarios:
//!   cold query: cold-query
//! ```

mod describe;
mod expect;
mod load;
mod logs;
mod merge;
mod metrics;
mod model;
mod name;
mod problems;
mod range;
mod relation;
mod spans;
mod validate;

pub use expect::{Expect, Mismatch, Predicate, Scalar, TypeName};
pub use load::{MOST_BYTES, parse, parse_bytes, read, read_all};
pub use logs::{LogContract, LogRule};
pub use metrics::{ExemplarRule, MetricKindName, MetricRule};
pub use model::{Contract, FactRule, NeverRule, OneOrMany, Pack};
pub use name::NamePattern;
pub use problems::ContractError;
pub use range::Range;
pub use relation::{Calls, LogChannel, Logs, MetricField, Relation, Requests, Spans, Term};
pub use spans::{EventRule, KindName, LinkRule, Node, SpanRule, StatusName};

pub use crate::yaml::{Position, Problem};
