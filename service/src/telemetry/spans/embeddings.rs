//! `embeddings <model>`: a call of the embedding model, retries included.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};

use super::{
    Any,
    answered::{Answered, AnsweredBy},
    chat, strings,
};
use crate::{
    clients::{Endpoint, Vectors},
    telemetry::{
        Operation, Outcome, Prepared, Recorder, interned, metrics::gen_ai::Direction, names::attribute,
        scratch::with_attributes,
    },
};

/// Every embedding call of one client.
pub(crate) struct EmbeddingsCall {
    /// `embeddings <model>`.
    name: &'static str,
    model: &'static str,
    server: Endpoint,
    attributes: Prepared,
    answered: Answered,
}

pub(crate) struct Embeddings {
    call: &'static EmbeddingsCall,
    answer: Option<Answer>,
}

struct Answer {
    by: AnsweredBy,
    tokens: u64,
    dimension: usize,
}

impl Embeddings {
    pub(crate) fn new(call: &'static EmbeddingsCall) -> Self {
        Self { call, answer: None }
    }
}

impl EmbeddingsCall {
    /// Kept for good: for a client's own use, one.
    pub(crate) fn new(model: &str, server: Endpoint) -> &'static Self {
        let model = interned(model);
        let mut attributes = chat::labels("embeddings", model, &server).to_vec();
        attributes.push(strings(attribute::GEN_AI_REQUEST_ENCODING_FORMATS, &["float"]));
        Box::leak(Box::new(Self {
            name: interned(&format!("embeddings {model}")),
            model,
            server,
            attributes: Prepared::new(attributes),
            answered: Answered::default(),
        }))
    }

    fn labels(&self) -> [KeyValue; 5] {
        chat::labels("embeddings", self.model, &self.server)
    }
}

impl Operation for Embeddings {
    type Output = Vectors;

    fn take(&mut self) -> Any {
        Any::Embeddings(Self { call: self.call, answer: self.answer.take() })
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

    fn note(&mut self, vectors: &Vectors) {
        let by = self.call.answered.by(&vectors.model);
        self.answer = Some(Answer { by, tokens: vectors.tokens, dimension: vectors.dimension() });
    }

    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        to.metrics.usage.embeddings(self.call.model, self.answer.as_ref().map(|answer| answer.tokens));
        let gen_ai = &to.metrics.gen_ai;
        let labels = |list: &mut Vec<KeyValue>| {
            list.extend(self.call.labels());
            list.extend(self.answer.as_ref().map(|answer| answer.by.attribute()));
        };
        if let Some(Answer { by, tokens, dimension }) = &self.answer {
            to.set(|attributes| {
                attributes.push(by.attribute());
                attributes.tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, *tokens);
                attributes.count(attribute::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, *dimension);
            });
        }
        match &self.answer {
            Some(Answer { by: AnsweredBy::Known(by), tokens, .. }) => {
                gen_ai.tokens_of(&by.known, Direction::Input, *tokens, labels);
                gen_ai.succeeded(&by.known, elapsed, labels);
            }
            other => with_attributes(|list| {
                labels(list);
                if let Some(Answer { tokens, .. }) = other {
                    gen_ai.tokens("input", *tokens, list);
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
