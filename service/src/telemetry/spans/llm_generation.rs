//! `rag.llm_generation`: the answer, written from the passages.

use std::{borrow::Cow, time::Duration};

use crate::{
    clients::Completion,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
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

    fn start(&self, attributes: &mut AttributeList) {
        attributes.text(attribute::MODEL_NAME, self.model);
        attributes.count(attribute::PROMPT_LENGTH, self.prompt_length);
    }

    fn end(&mut self, outcome: &Outcome<'_, Completion>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(completion) = outcome else { return };
        to.set(|attributes| {
            attributes.count(attribute::ANSWER_LENGTH, completion.text.chars().count());
            if let Some(usage) = completion.usage {
                attributes.tokens(attribute::TOKENS_PROMPT, usage.prompt);
                attributes.tokens(attribute::TOKENS_COMPLETION, usage.completion);
                attributes.tokens(attribute::TOKENS_TOTAL, usage.prompt + usage.completion);
            }
        });
    }
}
