//! The models that answered the calls of one kind: often not the one that was asked for, but a dated one.

use crate::telemetry::{few::Few, interned, metrics::gen_ai::KnownCall};

/// Models that answer one kind of call have their series known; measurements of later ones are slower.
const MOST: usize = 8;

#[derive(Default)]
pub(super) struct Answered(Few<ByModel>);

/// Calls that succeeded and were answered by one model.
pub(super) struct ByModel {
    pub(super) model: &'static str,
    pub(super) known: KnownCall,
}

impl Answered {
    /// `None` for one model too many: names come from the server.
    pub(super) fn by(&self, model: &str) -> Option<&'static ByModel> {
        let make = || ByModel { model: interned(model), known: KnownCall::default() };
        self.0.find_or_add(|by| by.model == model, MOST, make)
    }
}
