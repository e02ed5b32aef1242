//! The question each server answers about itself: whether it is ready, and what it is.
//!
//! Never a line of a log, never a pause, never a port that is merely open: an engine's proxy opens ports before anybody
//! listens behind them.

mod grafana;
mod jaeger;
mod prometheus;
mod qdrant;
mod question;
mod redis;

pub(super) use question::{NotReady, Question, Stated};
