//! `otelgate.yaml`: what the service is, how to drive it, which contracts it answers to.
//!
//! ```yaml
//! version: 1
//! service:
//!   name: rag-service
//!   build: [cargo, build, --release, --bin, rag-service]
//!   command: ['${cargo.target}/release/rag-service']
//!   env:
//!     BIND_ADDRESS: 127.0.0.1:0
//!     OTEL_EXPORTER_OTLP_ENDPOINT: ${collector.grpc}
//!   address: {log: 'listening on (http://\S+)'}
//!   ready: {path: /ready}
//!   metrics: /metrics
//! stack: [collector, qdrant, redis, model]
//! scenarios: [fixtures/scenarios/questions.yaml]
//! contracts: [fixtures/contracts/rag-service.yaml]
//! ```

mod back_ends;
mod lane;
mod load;
mod load_tests;
mod model;
mod overhead;

pub use back_ends::{
    BackEndsConfig, ExternalConfig, ExternalGrafana, ExternalJaeger, ExternalPrometheus, GrafanaFiles, PrometheusFiles,
};
pub use lane::LaneConfig;
pub use load::{ConfigError, read};
pub use load_tests::{CountedBy, LoadBudgets, LoadConfig, LoadWorkload, Trial};
pub use model::{Address, Config, Piece, Ready, ServiceConfig};
pub use overhead::{InVerify, OverheadConfig};
