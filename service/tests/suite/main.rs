//! One binary for all integration tests: linking is most of their build.

#![expect(clippy::unwrap_used, reason = "fixtures and fakes are test code; clippy knows test functions only")]

mod bad_requests;
mod config;
mod exemplars;
mod failures;
mod fakes;
mod fixture;
mod health_check;
mod ingestion;
mod lifecycle;
mod metrics;
mod propagation;
mod query;
mod readiness;
mod sampling;
mod secrets;
mod streaming;
mod switched_off;
mod tree;
mod usage;
