//! All integration tests of the harness, in one binary: it is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod support;
mod traces;
