//! All tests of the crate in one binary: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod catalog;
mod contract;
mod model;
mod qdrant;
mod redis;
mod report;
mod signals;
