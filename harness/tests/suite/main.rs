//! All tests of the crate in one binary: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod canaries;
mod catalog;
mod contract;
mod conventions;
mod logs;
mod metrics;
mod model;
mod qdrant;
mod redis;
mod relations;
mod report;
mod signals;
