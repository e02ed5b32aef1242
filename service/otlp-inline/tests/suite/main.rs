//! All tests of the crate in one binary: it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod events;
mod fuzzed;
mod logs;
mod metrics;
mod safety;
mod samplers;
mod spans;
mod support;
mod transport;
