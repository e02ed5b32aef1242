//! `embeddings <model>`: a call of the embedding model, retries included.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind},
};

use super::{int, strings, tokens};
use crate::{
    clients::{Endpoint, Vectors},
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Embeddings {
    pub(crate) model: String,
    pub(crate) server: Endpoint,
}

impl Embeddings {
    fn labels(&self) -> Vec<KeyValue> {
        super::chat::labels("embeddings", &self.model, &self.server)
    }
}

impl Operation for Embeddings {
    type Output = Vectors;

    fn builder(&self) -> SpanBuilder {
        let mut attributes = self.labels();
        attributes.push(strings(attribute::GEN_AI_REQUEST_ENCODING_FORMATS, &["float".to_owned()]));
        SpanBuilder::from_name(format!("embeddings {}", self.model))
            .with_kind(SpanKind::Client)
            .with_attributes(attributes)
    }

    fn end(&mut self, outcome: &Outcome<'_, Vectors>, elapsed: Duration, to: &Recorder<'_>) {
        let mut labels = self.labels();
        if let Outcome::Succeeded(vectors) = outcome {
            let model = KeyValue::new(attribute::GEN_AI_RESPONSE_MODEL, vectors.model.clone());
            to.set(|| {
                [
                    model.clone(),
                    tokens(attribute::GEN_AI_USAGE_INPUT_TOKENS, vectors.tokens),
                    int(attribute::GEN_AI_EMBEDDINGS_DIMENSION_COUNT, vectors.dimension()),
                ]
            });
            labels.push(model);
            to.metrics.gen_ai.tokens("input", vectors.tokens, &labels);
        }
        labels.extend(outcome.error_type().map(|error_type| KeyValue::new(attribute::ERROR_TYPE, error_type)));
        to.metrics.gen_ai.operation(elapsed, &labels);
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}
