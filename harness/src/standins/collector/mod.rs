//! An OTLP receiver: gRPC, HTTP with protobuf and HTTP with JSON, for traces, metrics and logs.
//!
//! What it refuses it keeps as a [`Refusal`], so that a test can tell a service that sent nothing from one that sent
//! nonsense. [`Collector::faults`] makes it misbehave, for the operations `traces`, `metrics` and `logs`.
//!
//! [In front of](CollectorBuilder::in_front_of) a back end such as Jaeger it also sends on what it accepts, and keeps
//! [account](Onward) of it. One more operation, `onward`, plants a request that gets lost in between: `cut` or a
//! `status` has it answered, captured and entered as accepted, but not sent; `delay-ms` has it sent later.

mod body;
mod builder;
mod fault;
mod grpc;
mod handle;
mod http;
mod listener;
mod message;
mod onward;
mod shared;
mod signal;
mod store;

pub use builder::{CollectorBuilder, collector};
pub use handle::Collector;
pub use onward::{Account, Loss, Onward};
pub use signal::Signal;
pub use store::{Counts, Received, Refusal, Transport};
