//! `rag.llm_generation`: the answer, written from the passages.

use std::{borrow::Cow, time::Duration};

use opentelemetry::KeyValue;

use super::{int, tokens};
use crate::{
    clients::Completion,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct LlmGeneration {
    pub(crate) model: &'static str,
    pub(crate) prompt_length: usize,
}

impl Operation for LlmGeneration {
    type Output = Completion;

    fn name(&self) -> Cow<'static, str> {
        "rag.llm_generation".into()
    }

    fn start(&self, attributes: &mut Vec<KeyValue>) {
        attributes.extend([
            KeyValue::new(attribute::MODEL_NAME, self.model),
            int(attribute::PROMPT_LENGTH, self.prompt_length),
        ]);
    }

    fn end(&mut self, outcome: &Outcome<'_, Completion>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(completion) = outcome else { return };
        to.set(|| {
            let usage = completion.usage.map(|usage| {
                [
                    tokens(attribute::TOKENS_PROMPT, usage.prompt),
                    tokens(attribute::TOKENS_COMPLETION, usage.completion),
                    tokens(attribute::TOKENS_TOTAL, usage.prompt + usage.completion),
                ]
            });
            let length = int(attribute::ANSWER_LENGTH, completion.text.chars().count());
            std::iter::once(length).chain(usage.into_iter().flatten())
        });
    }
}
