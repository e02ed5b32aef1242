//! What a stack is to be.

use std::fmt;

use crate::config::{BackEndsConfig, ExternalConfig, Piece};
use crate::lifeline::Lifeline;

use super::kind::StackKind;

/// What a stack is to be, and whom to tell of it.
#[derive(Clone, Copy)]
pub struct Order<'o> {
    /// Where the servers behind the stand-ins run.
    pub kind: StackKind,
    /// The run it is for; its name in the engine, and on everything made there.
    pub run: &'o str,
    /// The stand-ins to start.
    pub pieces: &'o [Piece],
    /// A secret the model server puts into every answer.
    pub answer_canary: Option<&'o str>,
    /// What servers in containers are given.
    pub back_ends: &'o BackEndsConfig,
    /// Where servers somebody else runs are.
    pub external: &'o ExternalConfig,
    /// Whether containers are left up when the run is over.
    pub keep: bool,
    /// Whether the stand-ins remember every request. Under load nobody reads that, and memory grows with each.
    pub exchanges: bool,
    /// Where the OTLP receiver runs, if not where the stack is started: its CPU time can then be told from the rest.
    pub receiver_on: Option<&'o tokio::runtime::Handle>,
    /// By what the durations of alert rules are divided; 1 leaves them as they are.
    pub time_factor: u32,
    /// Looks up a variable of the environment: `DOCKER_HOST`, `OTELGATE_IMAGE_…`.
    pub environment: &'o (dyn Fn(&str) -> Option<String> + Sync),
    /// Ends what is made in the engine, should this process be killed; told of it before it is made, and not at all if it
    /// is to be kept.
    pub lifeline: &'o Lifeline,
    /// Told of an image that is not in the engine, before it is pulled.
    pub pulling: &'o (dyn Fn(&str) + Sync),
}

impl fmt::Debug for Order<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("kind", &self.kind)
            .field("run", &self.run)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}
