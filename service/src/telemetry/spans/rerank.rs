//! `rag.rerank`: the passages in the order of their use.

use std::{borrow::Cow, time::Duration};

use super::{Any, Scores};
use crate::{
    pipeline::Passage,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

#[derive(Clone, Copy)]
pub(crate) struct Rerank {
    query_length: usize,
    input: usize,
    top_k: usize,
    /// How many passages are left, and their scores.
    output: Option<(usize, Option<Scores>)>,
}

impl Rerank {
    pub(crate) fn new(query_length: usize, input: usize, top_k: usize) -> Self {
        Self { query_length, input, top_k, output: None }
    }
}

impl Operation for Rerank {
    type Output = Vec<Passage>;

    fn take(&mut self) -> Any {
        Any::Rerank(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.rerank".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::QUERY_LENGTH, self.query_length);
        attributes.count(attribute::INPUT_COUNT, self.input);
        attributes.count(attribute::TOP_K, self.top_k);
    }

    fn note(&mut self, passages: &Vec<Passage>) {
        self.output = Some((passages.len(), Scores::of(passages)));
    }

    fn end(&mut self, _: &Outcome, _: Duration, to: &Recorder<'_>) {
        let Some((count, scores)) = self.output else { return };
        to.set(|attributes| {
            attributes.count(attribute::OUTPUT_COUNT, count);
            attributes.extend(scores.into_iter().flat_map(Scores::attributes));
        });
    }
}
