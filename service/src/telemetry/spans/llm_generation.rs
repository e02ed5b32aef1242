//! `rag.llm_generation`: the answer, written from the passages.

use std::{borrow::Cow, time::Duration};

use super::Any;
use crate::{
    clients::{Completion, TokenUsage},
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
    text::characters,
};

#[derive(Clone, Copy)]
pub(crate) struct LlmGeneration {
    model: &'static str,
    prompt_length: usize,
    /// How long the answer is, in characters, and what it took.
    answer: Option<(usize, Option<TokenUsage>)>,
}

impl LlmGeneration {
    pub(crate) fn new(model: &'static str, prompt_length: usize) -> Self {
        Self { model, prompt_length, answer: None }
    }
}

impl Operation for LlmGeneration {
    type Output = Completion;

    fn take(&mut self) -> Any {
        Any::LlmGeneration(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.llm_generation".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.text(attribute::MODEL_NAME, self.model);
        attributes.count(attribute::PROMPT_LENGTH, self.prompt_length);
    }

    fn note(&mut self, completion: &Completion) {
        self.answer = Some((characters(&completion.text), completion.usage));
    }

    fn end(&mut self, _: &Outcome, _: Duration, to: &Recorder<'_>) {
        let Some((length, usage)) = self.answer else { return };
        to.set(|attributes| {
            attributes.count(attribute::ANSWER_LENGTH, length);
            if let Some(usage) = usage {
                attributes.tokens(attribute::TOKENS_PROMPT, usage.prompt);
                attributes.tokens(attribute::TOKENS_COMPLETION, usage.completion);
                attributes.tokens(attribute::TOKENS_TOTAL, usage.prompt + usage.completion);
            }
        });
    }
}
