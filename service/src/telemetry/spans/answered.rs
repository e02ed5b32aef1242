//! The models that answered the calls of one kind: often not the one that was asked for, but a dated one.

use opentelemetry::{KeyValue, StringValue};

use crate::telemetry::{few::Few, interned, metrics::gen_ai::KnownCall, names::attribute};

/// Models that answer one kind of call have their series known; measurements of later ones are slower.
const MOST: usize = 8;

#[derive(Default)]
pub(super) struct Answered(Few<ByModel>);

/// Calls that succeeded and were answered by one model.
pub(super) struct ByModel {
    pub(super) model: &'static str,
    pub(super) known: KnownCall,
}

/// The model that answered a call.
pub(super) enum AnsweredBy {
    Known(&'static ByModel),
    /// One model too many: names come from the server.
    Other(Box<str>),
}

impl AnsweredBy {
    pub(super) fn attribute(&self) -> KeyValue {
        let model: StringValue = match self {
            Self::Known(by) => by.model.into(),
            Self::Other(model) => model.clone().into_string().into(),
        };
        KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, model)
    }
}

impl Answered {
    pub(super) fn by(&self, model: &str) -> AnsweredBy {
        let make = || ByModel { model: interned(model), known: KnownCall::default() };
        match self.0.find_or_add(|by| by.model == model, MOST, make) {
            Some(known) => AnsweredBy::Known(known),
            None => AnsweredBy::Other(model.into()),
        }
    }
}
