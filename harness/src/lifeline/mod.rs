//! What ends a run's processes and containers when nobody else can any more.
//!
//! Guards end what a run started on success, failure, panic and Ctrl-C. A
//! process that is killed runs no guards. So a run keeps a second process, the
//! *reaper*, which holds the reading end of a pipe: as long as the run lives it
//! writes down what it has started, and when the pipe closes, however that
//! came about, the reaper ends what is still written there.
//!
//! ```text
//! run ── group 4711 ──────────────▶ reaper    the service was started
//! run ── label otelgate.run=5f… ──▶ reaper    containers will carry this label
//! run ── release group 4711 ──────▶ reaper    the service has ended in good order
//! run ── (end of input) ──────────▶ reaper    kills groups, removes containers, networks and volumes
//! ```

mod hold;
mod reap;
pub(crate) mod remove;

pub use hold::{Hold, Lifeline};
pub use reap::{ReapError, reap};
