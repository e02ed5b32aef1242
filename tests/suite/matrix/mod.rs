//! The settings of telemetry in all their combinations.
//!
//! `otelgate verify` proves one cell: everything on. Here the reference service is driven in the others. What a cell must
//! show is a function of a [`Tier`], so that every tier is held to the same: the test binary `containers` has this module
//! too, and runs the same functions against servers in containers.

mod cell;
pub(crate) mod pipelines;
pub(crate) mod protocols;
mod rule;
mod same;
pub(crate) mod samplers;
pub(crate) mod switches;

use otelgate_harness::config::ExternalConfig;
use otelgate_harness::stack::StackKind;

/// What the dependencies of the service are; by default, stand-ins in this process alone.
#[derive(Debug, Default)]
pub(crate) struct Tier {
    /// The kind of stack each cell has.
    pub(crate) kind: StackKind,
    /// The servers behind the stand-ins, which all cells share.
    pub(crate) servers: ExternalConfig,
}
