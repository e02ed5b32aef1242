//! `rag.vector_search`: the passages nearest to the question.

use std::{borrow::Cow, collections::HashSet, time::Duration};

use super::{Any, Scores};
use crate::{
    pipeline::Passage,
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
};

#[derive(Clone, Copy)]
pub(crate) struct VectorSearch {
    topics: usize,
    limit: u64,
    found: Option<Found>,
}

#[derive(Clone, Copy)]
struct Found {
    passages: usize,
    documents: usize,
    scores: Option<Scores>,
}

impl VectorSearch {
    pub(crate) fn new(topics: usize, limit: u64) -> Self {
        Self { topics, limit, found: None }
    }
}

impl Operation for VectorSearch {
    type Output = Vec<Passage>;

    fn take(&mut self) -> Any {
        Any::VectorSearch(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.vector_search".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        attributes.count(attribute::TOPIC_IDS_COUNT, self.topics);
        attributes.count(attribute::SEARCH_LIMIT, limit);
    }

    fn note(&mut self, passages: &Vec<Passage>) {
        let scores = Scores::of(passages);
        self.found = Some(Found { passages: passages.len(), documents: documents(passages), scores });
    }

    fn end(&mut self, _: &Outcome, _: Duration, to: &Recorder<'_>) {
        let Some(Found { passages, documents, scores }) = self.found else { return };
        to.set(|attributes| {
            attributes.count(attribute::RESULTS_COUNT, passages);
            attributes.count(attribute::CONTEXT_IDS_COUNT, documents);
            attributes.extend(scores.into_iter().flat_map(Scores::attributes));
        });
        to.metrics.rag.search_results(passages as u64);
    }
}

/// As many passages are compared with each other more quickly than they are put into a set.
const FEW: usize = 32;

/// How many documents the passages are from.
fn documents(passages: &[Passage]) -> usize {
    if passages.len() > FEW {
        return passages.iter().map(|passage| passage.document_id.as_str()).collect::<HashSet<_>>().len();
    }
    let is_first = |position: usize| {
        let document = &passages[position].document_id;
        !passages[..position].iter().any(|before| before.document_id == *document)
    };
    (0..passages.len()).filter(|position| is_first(*position)).count()
}

#[cfg(test)]
mod tests {
    use super::{FEW, Passage, documents};

    #[test]
    fn documents_are_counted_once_however_many_passages_there_are() {
        for count in [0, 1, 2, FEW, FEW + 1, 1_000] {
            let passage = |number: usize| Passage {
                document_id: (number / 2).to_string(),
                title: String::new(),
                chunk: 0,
                text: String::new(),
                score: 0.0,
            };
            let passages: Vec<Passage> = (0..count).map(passage).collect();

            assert_eq!(documents(&passages), count.div_ceil(2), "{count}");
        }
    }
}
