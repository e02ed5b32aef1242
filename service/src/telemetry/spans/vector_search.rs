//! `rag.vector_search`: the passages nearest to the question.

use std::{collections::HashSet, time::Duration};

use opentelemetry::trace::SpanBuilder;

use super::{int, internal, score_range};
use crate::{
    pipeline::Passage,
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct VectorSearch {
    pub(crate) topics: usize,
    pub(crate) limit: u64,
}

impl Operation for VectorSearch {
    type Output = Vec<Passage>;

    fn builder(&self) -> SpanBuilder {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        internal(
            "rag.vector_search",
            vec![int(attribute::TOPIC_IDS_COUNT, self.topics), int(attribute::SEARCH_LIMIT, limit)],
        )
    }

    fn end(&mut self, outcome: &Outcome<'_, Vec<Passage>>, _: Duration, to: &Recorder<'_>) {
        let Outcome::Succeeded(passages) = outcome else { return };
        to.set(|| {
            let documents: HashSet<&str> = passages.iter().map(|passage| passage.document_id.as_str()).collect();
            let mut attributes =
                vec![int(attribute::RESULTS_COUNT, passages.len()), int(attribute::CONTEXT_IDS_COUNT, documents.len())];
            attributes.extend(score_range(passages.iter().map(|passage| passage.score)));
            attributes
        });
        to.metrics.rag.search_results(passages.len() as u64);
    }
}
