//! A question answering service over documents, observed by OpenTelemetry.
//!
//! - [`pipeline`]: what the service does;
//! - `api`: how it is asked, one file an endpoint;
//! - `clients`: Qdrant, Redis, the model server, the reranker;
//! - [`telemetry`]: spans, metrics and logs, one type a span, behind the `opentelemetry` API;
//! - [`usage`]: what the model server was asked and what it costs;
//! - [`config`]: every setting;
//! - [`health_check`]: how a container asks the service how it is;
//! - [`App`]: all of it put together.
//!
//! The library reads no environment, prints nothing except for logs, and does not end the process: `main` does.

mod api;
mod app;
mod clients;
pub mod config;
pub mod health_check;
pub mod pipeline;
pub mod signals;
pub mod telemetry;
mod text;
pub mod usage;

pub use self::{
    api::{Observed, Observing, Service},
    app::{App, AppError},
    clients::{DependencyError, VectorsError},
};
