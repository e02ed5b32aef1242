//! `rag.rerank`: the passages in the order of their use.

use std::{borrow::Cow, time::Duration};

use opentelemetry::KeyValue;

use super::{int, score_range};
use crate::{
    pipeline::Passage,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Rerank {
    pub(crate) query_length: usize,
    pub(crate) input: usize,
    pub(crate) top_k: usize,
}

impl Operation for Rerank {
    type Output = Vec<Passage>;

    fn name(&self) -> Cow<'static, str> {
        "rag.rerank".into()
    }

    fn start(&self, attributes: &mut Vec<KeyValue>) {
        attributes.extend([
            int(attribute::QUERY_LENGTH, self.query_length),
            int(attribute::INPUT_COUNT, self.input),
            int(attribute::TOP_K, self.top_k),
        ]);
    }

    fn end(&mut self, outcome: &Outcome<'_, Vec<Passage>>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(passages) = outcome else { return };
        to.set(|| {
            let scores = score_range(passages.iter().map(|passage| passage.score));
            std::iter::once(int(attribute::OUTPUT_COUNT, passages.len())).chain(scores)
        });
    }
}
