//! `chat <model>`: a call of the chat model, retries and the whole stream included.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};
use serde_json::json;

use super::{
    Any,
    answered::{Answered, AnsweredBy},
    strings,
};
use crate::{
    clients::{Completion, Endpoint, Prompt, TokenUsage},
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
    pub(crate) answer: Option<Answer>,
}

/// What is told of an answer.
pub(crate) struct Answer {
    by: AnsweredBy,
    id: String,
    finish_reasons: Vec<&'static str>,
    usage: Option<TokenUsage>,
    /// Kept as the prompt is.
    text: Option<String>,
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

    fn take(&mut self) -> Any {
        let Self { call, prompt, first_chunk_after, answer } = self;
        let (prompt, answer) = (prompt.take(), answer.take());
        Any::Chat(Box::new(Self { call, prompt, first_chunk_after: *first_chunk_after, answer }))
    }

    fn name(&self) -> Cow<'static, str> {
        self.call.name.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        Some(&self.call.attributes)
    }

    fn note(&mut self, completion: &Completion) {
        self.answer = Some(Answer {
            by: self.call.answered.by(&completion.model),
            id: completion.id.clone(),
            finish_reasons: completion.finish_reasons.clone(),
            usage: completion.usage,
            text: self.prompt.is_some().then(|| completion.text.clone()),
        });
    }

    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        to.set(|attributes| {
            if let Some(after) = self.first_chunk_after {
                attributes.double(attribute::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK, after.as_secs_f64());
            }
            attributes.extend(self.messages());
            if let Some(answer) = &mut self.answer {
                answer.list(attributes);
            }
        });
        to.metrics.usage.chat(self.call.model, self.answer.as_ref().and_then(|answer| answer.usage));
        let gen_ai = &to.metrics.gen_ai;
        let labels = |list: &mut Vec<KeyValue>| {
            list.extend(self.call.labels());
            list.extend(self.answer.as_ref().map(|answer| answer.by.attribute()));
        };
        match &self.answer {
            Some(Answer { by: AnsweredBy::Known(by), usage, .. }) => {
                if let Some(usage) = usage {
                    gen_ai.tokens_of(&by.known, Direction::Input, usage.prompt, labels);
                    gen_ai.tokens_of(&by.known, Direction::Output, usage.completion, labels);
                }
                if let Some(after) = self.first_chunk_after {
                    with_attributes(|list| {
                        labels(list);
                        gen_ai.first_chunk(after, list);
                    });
                }
                gen_ai.succeeded(&by.known, elapsed, labels);
            }
            other => with_attributes(|list| {
                labels(list);
                if let Some(Answer { usage: Some(usage), .. }) = other {
                    gen_ai.tokens("input", usage.prompt, list);
                    gen_ai.tokens("output", usage.completion, list);
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

impl Answer {
    fn list(&mut self, attributes: &mut AttributeList) {
        attributes.push(KeyValue::new(attribute::GEN_AI_RESPONSE_ID, std::mem::take(&mut self.id)));
        attributes.push(self.by.attribute());
        attributes.push(strings(attribute::GEN_AI_RESPONSE_FINISH_REASONS, &self.finish_reasons));
        if let Some(usage) = self.usage {
            attributes.tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, usage.prompt);
            attributes.tokens(attribute::GEN_AI_USAGE_OUTPUT_TOKENS, usage.completion);
        }
    }
}

impl Chat {
    /// Prompt and answer in the conventions' JSON form, if they are kept.
    fn messages(&self) -> Vec<KeyValue> {
        let Some(prompt) = &self.prompt else { return Vec::new() };
        let text = |content: &str| json!([{ "type": "text", "content": content }]);
        let messages = json!([
            { "role": "system", "parts": text(&prompt.system) },
            { "role": "user", "parts": text(&prompt.user) },
        ]);
        let mut attributes = vec![KeyValue::new(attribute::GEN_AI_INPUT_MESSAGES, messages.to_string())];
        if let Some(Answer { text: Some(answer), finish_reasons, .. }) = &self.answer {
            let reason = finish_reasons.first().copied().unwrap_or("stop");
            let messages = json!([{ "role": "assistant", "parts": text(answer), "finish_reason": reason }]);
            attributes.push(KeyValue::new(attribute::GEN_AI_OUTPUT_MESSAGES, messages.to_string()));
        }
        attributes
    }
}
