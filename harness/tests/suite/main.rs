//! One test binary for the crate: linking is the slow part.

mod qdrant;
mod redis;
