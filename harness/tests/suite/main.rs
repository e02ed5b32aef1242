//! One test binary for the crate: linking is the slow part.

#![expect(clippy::unwrap_used, reason = "helpers of tests stop a test that cannot go on")]

mod model;
mod qdrant;
mod redis;
mod retrieval;
