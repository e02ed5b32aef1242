//! `rag.rerank`: the passages in the order of their use.

use std::time::Duration;

use opentelemetry::trace::SpanBuilder;

use super::{int, internal, score_range};
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

    fn builder(&self) -> SpanBuilder {
        internal(
            "rag.rerank",
            vec![
                int(attribute::QUERY_LENGTH, self.query_length),
                int(attribute::INPUT_COUNT, self.input),
                int(attribute::TOP_K, self.top_k),
            ],
        )
    }

    fn end(&mut self, outcome: &Outcome<'_, Vec<Passage>>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(passages) = outcome else { return };
        to.set(|| {
            let mut attributes = vec![int(attribute::OUTPUT_COUNT, passages.len())];
            attributes.extend(score_range(passages.iter().map(|passage| passage.score)));
            attributes
        });
    }
}
