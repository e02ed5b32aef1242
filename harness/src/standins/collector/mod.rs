//! An OTLP receiver: gRPC, HTTP with protobuf and HTTP with JSON, for traces, metrics and logs.
//!
//! What it refuses it keeps as a [`Refusal`], so that a test can tell a service that sent nothing from one that sent
//! nonsense. [`Collector::faults`] makes it misbehave, for the operations `traces`, `metrics` and `logs`.

mod body;
mod builder;
mod fault;
mod grpc;
mod handle;
mod http;
mod listener;
mod message;
mod signal;
mod store;

pub use builder::{CollectorBuilder, collector};
pub use handle::Collector;
pub use store::{Counts, Received, Refusal, Transport};
