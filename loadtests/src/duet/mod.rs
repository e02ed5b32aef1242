//! The driver of an experiment: sends each request of a workload to several services, one after the other.
//!
//! The order among the services is drawn anew for every item, so that whatever disturbs the machine disturbs all of them
//! alike. It runs on a thread of its own, whose CPU time is told: a driver must not be what is measured.
//!
//! It speaks HTTP/1.1 over connections that stay open, by hyper's client and nothing above it. A client for everybody
//! (redirects, pools, TLS) would cost as much as the service it measures.

mod answer;
mod client;
mod drive;
mod pace;

pub use answer::{Answer, same_but_for};
pub use client::{Client, ClientError};
pub use drive::{Driven, DrivenArm, Duet, Stop};
pub use pace::Pace;
