//! `chat <model>`: a call of the chat model, retries and the whole stream included.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};
use serde_json::json;

use super::{answered::Answered, strings};
use crate::{
    clients::{Completion, Endpoint, Prompt},
    config::ModelConfig,
    telemetry::{
        AttributeList, Operation, Outcome, Prepared, Recorder, interned, metrics::gen_ai::Direction, names::attribute,
        scratch::with_attributes,
    },
};

/// Every chat call of one client, streamed or not.
pub(crate) struct ChatCall {
    /// `chat <model>`.
    name: &'static str,
    model: &'static str,
    server: Endpoint,
    attributes: Prepared,
    answered: Answered,
}

pub(crate) struct Chat {
    pub(crate) call: &'static ChatCall,
    /// Kept only for users who asked for prompts in their telemetry.
    pub(crate) prompt: Option<Prompt>,
    /// Set when the first chunk of a stream has come.
    pub(crate) first_chunk_after: Option<Duration>,
}

impl ChatCall {
    /// Kept for good: for a client's own use, one a kind.
    pub(crate) fn new(config: &ModelConfig, server: Endpoint, stream: bool) -> &'static Self {
        let model = interned(&config.chat_model);
        let mut attributes = labels("chat", model, &server).to_vec();
        attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_TEMPERATURE, config.temperature));
        attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_MAX_TOKENS, i64::from(config.max_tokens)));
        if stream {
            attributes.push(KeyValue::new(attribute::GEN_AI_REQUEST_STREAM, true));
        }
        Box::leak(Box::new(Self {
            name: interned(&format!("chat {model}")),
            model,
            server,
            attributes: Prepared::new(attributes),
            answered: Answered::default(),
        }))
    }

    fn labels(&self) -> [KeyValue; 5] {
        labels("chat", self.model, &self.server)
    }
}

/// What every GenAI span and metric carries.
pub(super) fn labels(operation: &'static str, model: &'static str, server: &Endpoint) -> [KeyValue; 5] {
    let [address, port] = server.attributes();
    [
        KeyValue::new(attribute::GEN_AI_OPERATION_NAME, operation),
        KeyValue::new(attribute::GEN_AI_PROVIDER_NAME, "openai"),
        KeyValue::new(attribute::GEN_AI_REQUEST_MODEL, model),
        address,
        port,
    ]
}

impl Operation for Chat {
    type Output = Completion;

    fn name(&self) -> Cow<'static, str> {
        self.call.name.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        Some(&self.call.attributes)
    }

    fn end(&mut self, outcome: &Outcome<'_, Completion>, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(after) = self.first_chunk_after {
            to.set(|attributes| {
                attributes.double(attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, after.as_secs_f64());
            });
        }
        if to.capture_content {
            to.set(|attributes| attributes.extend(self.messages(outcome)));
        }
        let gen_ai = &to.metrics.gen_ai;
        let answered = match outcome {
            Outcome::Succeeded(completion) => {
                self.call.answered.by(&completion.model).map(|answered| (completion, answered))
            }
            Outcome::Failed(_) | Outcome::Abandoned(_) => None,
        };
        match answered {
            Some((completion, answered)) => {
                let model = || KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, answered.model);
                let labels = |list: &mut Vec<KeyValue>| {
                    list.extend(self.call.labels());
                    list.push(model());
                };
                to.set(|attributes| response_attributes(attributes, completion, model()));
                if let Some(usage) = completion.usage {
                    gen_ai.tokens_of(&answered.known, Direction::Input, usage.prompt, labels);
                    gen_ai.tokens_of(&answered.known, Direction::Output, usage.completion, labels);
                }
                if let Some(after) = self.first_chunk_after {
                    with_attributes(|list| {
                        labels(list);
                        gen_ai.first_chunk(after, list);
                    });
                }
                gen_ai.succeeded(&answered.known, elapsed, labels);
            }
            None => with_attributes(|list| {
                list.extend(self.call.labels());
                if let Outcome::Succeeded(completion) = outcome {
                    let model = KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, completion.model.clone());
                    to.set(|attributes| response_attributes(attributes, completion, model.clone()));
                    list.push(model);
                    if let Some(usage) = completion.usage {
                        gen_ai.tokens("input", usage.prompt, list);
                        gen_ai.tokens("output", usage.completion, list);
                    }
                }
                if let Some(after) = self.first_chunk_after {
                    gen_ai.first_chunk(after, list);
                }
                list.extend(outcome.error_type().map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
                gen_ai.operation(elapsed, list);
            }),
        }
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}

fn response_attributes(attributes: &mut AttributeList, completion: &Completion, model: KeyValue) {
    attributes.push(KeyValue::new(attribute::GEN_AI_RESPONSE_ID, completion.id.clone()));
    attributes.push(model);
    attributes.push(strings(attribute::GEN_AI_RESPONSE_FINISH_REASONS, &completion.finish_reasons));
    if let Some(usage) = completion.usage {
        attributes.tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, usage.prompt);
        attributes.tokens(attribute::GEN_AI_USAGE_OUTPUT_TOKENS, usage.completion);
    }
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
            let reason = completion.finish_reasons.first().copied().unwrap_or("stop");
            let messages = json!([{ "role": "assistant", "parts": text(&completion.text), "finish_reason": reason }]);
            attributes.push(KeyValue::new(attribute::GEN_AI_OUTPUT_MESSAGES, messages.to_string()));
        }
        attributes
    }
}
