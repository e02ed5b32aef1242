//! Servers that speak a real protocol, for tests: no container, no fixed port.
//!
//! Each binds port 0 of the loopback address, hands out its URL, records what
//! it was asked ([`Exchange`](crate::capture::Exchange)) and can be told to
//! fail ([`Faults`]). Dropping the handle stops the server.

mod collector;
mod fault;
mod listen;
pub mod model;
pub mod qdrant;
mod record;
pub mod redis;
mod wire;

pub use collector::{Collector, CollectorBuilder, Counts, Received, Refusal, Transport, collector};
pub use fault::{Fault, Faults};
pub use model::{Model, model};
pub use qdrant::{Qdrant, qdrant};
pub use redis::{Redis, redis};
