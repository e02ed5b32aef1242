//! `rag.embedding`: the question's vector, from the cache or from the model.

use std::{borrow::Cow, time::Duration};

use super::Any;
use crate::{
    pipeline::QuestionVector,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

#[derive(Clone, Copy)]
pub(crate) struct Embedding {
    text_length: usize,
    model: &'static str,
    /// Whether the vector was remembered, and what it took.
    found: Option<(bool, u64)>,
}

impl Embedding {
    pub(crate) fn new(text_length: usize, model: &'static str) -> Self {
        Self { text_length, model, found: None }
    }
}

impl Operation for Embedding {
    type Output = QuestionVector;

    fn take(&mut self) -> Any {
        Any::Embedding(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.embedding".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::TEXT_LENGTH, self.text_length);
        attributes.text(attribute::MODEL_NAME, self.model);
    }

    fn note(&mut self, vector: &QuestionVector) {
        self.found = Some((vector.cached, vector.tokens));
    }

    fn end(&mut self, outcome: &Outcome, _: Duration, to: &Recorder<'_>) {
        let hit = self.found.is_some_and(|(cached, _)| cached);
        // Of one that was given up nobody knows whether it was looked up before.
        if !matches!(outcome, Outcome::Abandoned(_)) {
            to.metrics.usage.embedding_lookup(hit);
        }
        to.set(|attributes| {
            attributes.flag(attribute::CACHE_HIT, hit);
            if let Some((_, tokens)) = self.found {
                attributes.tokens(attribute::TOKENS_TOTAL, tokens);
            }
        });
    }
}
