//! Whether each trace has the shape its scenario promises, down to attributes.
//!
//! - [`compile`](mod@compile): the contract's shapes and span rules, arranged once for a run.
//! - [`fits`](mod@fits): the happy path. Holds a trace against its shape without allocating; says yes or no.
//! - [`matching`]: for traces that do not fit. Finds the best pairing of expected nodes and spans, so that
//!   one defect is one oddity; [`assign`] pairs siblings.
//! - [`report`]: an oddity as a finding; [`spans`], [`attributes`] and [`events`] for what is inside a span.
//! - [`plan`]: everything expected of a span at one place, made once for each place and name.

mod assign;
mod attributes;
mod check;
mod compile;
mod events;
mod fits;
mod matching;
mod misplaced;
mod plan;
mod report;
mod spans;

pub(super) use check::{CHECK, Explained};
pub(super) use compile::Shapes;
