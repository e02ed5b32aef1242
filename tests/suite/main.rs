//! The command line, as a user meets it. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod bad_config;
mod bad_service;
mod explain;
mod interrupt;
mod support;
mod verify;
