//! The specimens, each as a process.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod arms;
mod faults;
mod input;
mod shutdown;
mod support;
mod ways;
