//! `rag.embedding`: the question's vector, from the cache or from the model.

use std::{borrow::Cow, time::Duration};

use crate::{
    pipeline::QuestionVector,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Embedding {
    pub(crate) text_length: usize,
    pub(crate) model: &'static str,
}

impl Operation for Embedding {
    type Output = QuestionVector;

    fn name(&self) -> Cow<'static, str> {
        "rag.embedding".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::TEXT_LENGTH, self.text_length);
        attributes.text(attribute::MODEL_NAME, self.model);
    }

    fn end(&mut self, outcome: &Outcome<'_, QuestionVector>, _: Duration, to: &Recorder<'_>) {
        match outcome {
            Outcome::Succeeded(found) => to.set(|attributes| {
                attributes.flag(attribute::CACHE_HIT, found.cached);
                attributes.tokens(attribute::TOKENS_TOTAL, found.tokens);
            }),
            Outcome::Failed(_) | Outcome::Abandoned(_) => {
                to.set(|attributes| attributes.flag(attribute::CACHE_HIT, false));
            }
        }
    }
}
