//! `embeddings <model>`: a call of the embedding model, retries included.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};

use super::{answered::Answered, chat, strings};
use crate::{
    clients::{Endpoint, Vectors},
    telemetry::{
        AttributeList, Operation, Outcome, Prepared, Recorder, interned, metrics::gen_ai::Direction, names::attribute,
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

pub(crate) struct Embeddings(pub(crate) &'static EmbeddingsCall);

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

    fn name(&self) -> Cow<'static, str> {
        self.0.name.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        Some(&self.0.attributes)
    }

    fn end(&mut self, outcome: &Outcome<'_, Vectors>, elapsed: Duration, to: &Recorder<'_>) {
        let (call, gen_ai) = (self.0, &to.metrics.gen_ai);
        let answered = match outcome {
            Outcome::Succeeded(vectors) => call.answered.by(&vectors.model).map(|answered| (vectors, answered)),
            Outcome::Failed(_) | Outcome::Abandoned(_) => None,
        };
        match answered {
            Some((vectors, answered)) => {
                let model = || KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, answered.model);
                let labels = |list: &mut Vec<KeyValue>| {
                    list.extend(call.labels());
                    list.push(model());
                };
                to.set(|attributes| response_attributes(attributes, vectors, model()));
                gen_ai.tokens_of(&answered.known, Direction::Input, vectors.tokens, labels);
                gen_ai.succeeded(&answered.known, elapsed, labels);
            }
            None => with_attributes(|list| {
                list.extend(call.labels());
                if let Outcome::Succeeded(vectors) = outcome {
                    let model = KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, vectors.model.clone());
                    to.set(|attributes| response_attributes(attributes, vectors, model.clone()));
                    list.push(model);
                    gen_ai.tokens("input", vectors.tokens, list);
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

fn response_attributes(attributes: &mut AttributeList, vectors: &Vectors, model: KeyValue) {
    attributes.push(model);
    attributes.tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, vectors.tokens);
    attributes.count(attribute::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, vectors.dimension());
}
