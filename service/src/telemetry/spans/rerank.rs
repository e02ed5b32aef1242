//! `rag.rerank`: the passages in the order of their use.

use std::{borrow::Cow, time::Duration};

use super::score_range;
use crate::{
    pipeline::Passage,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
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

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::QUERY_LENGTH, self.query_length);
        attributes.count(attribute::INPUT_COUNT, self.input);
        attributes.count(attribute::TOP_K, self.top_k);
    }

    fn end(&mut self, outcome: &Outcome<'_, Vec<Passage>>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(passages) = outcome else { return };
        to.set(|attributes| {
            attributes.count(attribute::OUTPUT_COUNT, passages.len());
            score_range(attributes, passages);
        });
    }
}
