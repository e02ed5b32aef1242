//! Servers that speak a real protocol, for tests: no container, no fixed port.
//!
//! Each binds port 0 of the loopback address unless told otherwise, hands out its URL, records what
//! it was asked ([`Exchange`](crate::capture::Exchange)) and can be told to
//! fail ([`Faults`]). Dropping the handle stops the server. Apart from these is
//! [`grafana()`], which services do not call: it records nothing and shows no faults.
//!
//! The collector, Qdrant and Redis can also stand *in front of* the real server (`in_front_of(url)`): then the real one
//! answers, and faults, exchanges and captured telemetry are what they are without it.

mod builder;
mod collector;
mod fault;
pub mod grafana;
mod handle;
mod listen;
pub mod model;
pub mod qdrant;
mod raw;
mod record;
pub mod redis;
mod upstream;
mod wire;

pub use builder::Builder;
pub use collector::{
    Account, Collector, CollectorBuilder, Counts, Loss, Onward, Received, Refusal, Signal, Transport, collector,
};
pub use fault::{Fault, Faults};
pub use grafana::{Grafana, GrafanaBuilder, GrafanaError, grafana};
pub use handle::StandIn;
pub use model::{Model, model};
pub use qdrant::{Qdrant, qdrant};
pub use redis::{Redis, redis};
