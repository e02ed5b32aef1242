//! `rag.llm_generation`: the answer, written from the passages.

use std::time::Duration;

use opentelemetry::{KeyValue, trace::SpanBuilder};

use super::{int, internal, tokens};
use crate::{
    clients::Completion,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct LlmGeneration {
    pub(crate) model: String,
    pub(crate) prompt_length: usize,
}

impl Operation for LlmGeneration {
    type Output = Completion;

    fn builder(&self) -> SpanBuilder {
        internal(
            "rag.llm_generation",
            vec![
                KeyValue::new(attribute::MODEL_NAME, self.model.clone()),
                int(attribute::PROMPT_LENGTH, self.prompt_length),
            ],
        )
    }

    fn end(&mut self, outcome: &Outcome<'_, Completion>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(completion) = outcome else { return };
        to.set(|| {
            let mut attributes = vec![int(attribute::ANSWER_LENGTH, completion.text.chars().count())];
            if let Some(usage) = completion.usage {
                attributes.push(tokens(attribute::TOKENS_PROMPT, usage.prompt));
                attributes.push(tokens(attribute::TOKENS_COMPLETION, usage.completion));
                attributes.push(tokens(attribute::TOKENS_TOTAL, usage.prompt + usage.completion));
            }
            attributes
        });
    }
}
