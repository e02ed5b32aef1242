//! Proves that a service's telemetry is right and complete.
//!
//! One idea carries the crate: a run of a service is reduced to a plain value,
//! the [`Capture`](capture::Capture), and everything that judges it is a pure
//! function of that value and a [`Contract`](contract::Contract). The same
//! checks therefore run live, on a saved folder, and on thousands of mutated
//! captures in a test.
//!
//! ```text
//! scenario ─▶ service under test ─▶ stand-ins, /metrics, logs ─▶ Capture ─▶ checks ─▶ Findings ─▶ reporters
//! ```
//!
//! # Components
//!
//! - [`capture`]: spans, metric samples, logs and HTTP exchanges of one run,
//!   saved to and loaded from OTLP JSON lines and exposition text.
//! - [`contract`]: what a service promises to emit, read from YAML.
//! - [`conventions`]: OpenTelemetry's semantic conventions as packs, so that
//!   required attributes need not be written again in every contract.
//! - [`checks`]: pure functions from a capture and a contract to findings.
//! - [`finding`]: what a check says, the verdict over all of it, waivers.
//! - [`report`]: the same findings for a person, a program and a CI server.
//! - [`standins`]: an OTLP receiver, Qdrant, Redis and an OpenAI-compatible
//!   model server that speak the real protocols on port 0, and Grafana's HTTP
//!   API over a real Prometheus and Jaeger. Useful alone.
//! - [`scenario`]: requests that drive the service, and the faults beside them.
//! - [`backends`]: clients that ask real back ends what arrived.
//! - [`stack`]: the stand-ins and the service process of one run, and their end.
//! - [`lifeline`]: what ends them when the run itself is killed.
//!
//! The crate knows nothing of the reference service: everything particular to
//! a service is in `otelgate.yaml` and the files it names.

pub mod alerts;
pub mod backends;
pub mod capture;
pub mod checks;
mod clock;
pub mod config;
pub mod contract;
pub mod conventions;
pub mod dashboards;
pub mod eventually;
pub mod finding;
pub mod http;
pub mod lifeline;
pub mod report;
pub mod run;
pub mod scenario;
pub mod service;
pub mod stack;
pub mod standins;
pub mod yaml;
