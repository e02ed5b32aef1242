//! `chat <model>`: a call of the chat model, retries and the whole stream included.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind},
};
use serde_json::json;

use super::{strings, tokens};
use crate::{
    clients::{Completion, Endpoint, Prompt},
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Chat {
    pub(crate) model: String,
    pub(crate) server: Endpoint,
    pub(crate) temperature: f64,
    pub(crate) max_tokens: u32,
    pub(crate) stream: bool,
    /// Kept only for users who asked for prompts in their telemetry.
    pub(crate) prompt: Option<Prompt>,
    /// Set when the first chunk of a stream has come.
    pub(crate) first_chunk_after: Option<Duration>,
}

/// What every GenAI span and metric carries.
pub(super) fn labels(operation: &'static str, model: &str, server: &Endpoint) -> Vec<KeyValue> {
    let mut labels = vec![
        KeyValue::new(attribute::GEN_AI_OPERATION_NAME, operation),
        KeyValue::new(attribute::GEN_AI_PROVIDER_NAME, "openai"),
        KeyValue::new(attribute::GEN_AI_REQUEST_MODEL, model.to_owned()),
    ];
    labels.extend(server.attributes());
    labels
}

impl Chat {
    fn labels(&self) -> Vec<KeyValue> {
        labels("chat", &self.model, &self.server)
    }
}

impl Operation for Chat {
    type Output = Completion;

    fn builder(&self) -> SpanBuilder {
        let mut attributes = self.labels();
        attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_TEMPERATURE, self.temperature));
        attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_MAX_TOKENS, i64::from(self.max_tokens)));
        if self.stream {
            attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_STREAM, true));
        }
        SpanBuilder::from_name(format!("chat {}", self.model)).with_kind(SpanKind::Client).with_attributes(attributes)
    }

    fn end(&mut self, outcome: &Outcome<'_, Completion>, elapsed: Duration, to: &Recorder<'_>) {
        let mut labels = self.labels();
        if let Outcome::Succeeded(completion) = outcome {
            to.set(|| response_attributes(completion));
            labels.push(KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, completion.model.clone()));
            if let Some(usage) = completion.usage {
                to.metrics.gen_ai.tokens("input", usage.prompt, &labels);
                to.metrics.gen_ai.tokens("output", usage.completion, &labels);
            }
        }
        if let Some(after) = self.first_chunk_after {
            to.set(|| [KeyValue::new(attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, after.as_secs_f64())]);
            to.metrics.gen_ai.first_chunk(after, &labels);
        }
        if to.capture_content {
            to.set(|| self.messages(outcome));
        }
        labels.extend(outcome.error_type().map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
        to.metrics.gen_ai.operation(elapsed, &labels);
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}

fn response_attributes(completion: &Completion) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new(attribute::GEN_AI_RESPONSE_ID, completion.id.clone()),
        KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, completion.model.clone()),
        strings(attribute::GEN_AI_RESPONSE_FINISH_REASONS, &completion.finish_reasons),
    ];
    if let Some(usage) = completion.usage {
        attributes.push(tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, usage.prompt));
        attributes.push(tokens(attribute::GEN_AI_USAGE_OUTPUT_TOKENS, usage.completion));
    }
    attributes
}

impl Chat {
    /// Prompt and answer in the conventions' JSON form.
    fn messages(&self, outcome: &Outcome<'_, Completion>) -> Vec<KeyValue> {
        let text = |content: &str| json!([{ "type": "text", "content": content }]);
        let mut attributes = Vec::new();
        if let Some(prompt) = &self.prompt {
            let messages = json!([
                { "role": "system", "parts": text(&prompt.system) },
                { "role": "user", "parts": text(&prompt.user) },
            ]);
            attributes.push(KeyValue::new(attribute::GEN_AI_INPUT_MESSAGES, messages.to_string()));
        }
        if let Outcome::Succeeded(completion) = outcome {
            let reason = completion.finish_reasons.first().map_or("stop", String::as_str);
            let messages = json!([{ "role": "assistant", "parts": text(&completion.text), "finish_reason": reason }]);
            attributes.push(KeyValue::new(attribute::GEN_AI_OUTPUT_MESSAGES, messages.to_string()));
        }
        attributes
    }
}
