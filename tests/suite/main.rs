//! The command line, as a user meets it. One binary, so that it links once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod alerts;
mod bad_config;
mod bad_service;
mod built;
mod compose;
mod dashboard;
mod dashboards;
mod explain;
mod interrupt;
mod lane;
mod load;
mod matrix;
mod overhead;
mod stand_in;
mod support;
mod verify;
