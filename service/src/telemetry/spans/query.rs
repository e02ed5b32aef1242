//! `rag.query`: a question, from the cache lookup to the last byte of the answer.

use std::{borrow::Cow, time::Duration};

use super::Any;
use crate::{
    config::RagConfig,
    pipeline::{Answer, Question},
    telemetry::{AttributeList, Operation, Outcome, Recorder, names::attribute},
    text::characters,
};

#[derive(Clone, Copy)]
pub(crate) struct Query {
    /// How many passages the answer is from, and whether it was remembered.
    answered: Option<(usize, bool)>,
    length: usize,
    topics: usize,
    search_limit: usize,
    rerank_top_k: usize,
}

impl Query {
    pub(crate) fn new(question: &Question, config: &RagConfig) -> Self {
        Self {
            answered: None,
            length: characters(&question.text),
            topics: question.topic_ids.len(),
            search_limit: usize::try_from(config.search_limit).unwrap_or(usize::MAX),
            rerank_top_k: config.rerank_top_k,
        }
    }
}

impl Operation for Query {
    type Output = Answer;

    fn take(&mut self) -> Any {
        Any::Query(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        "rag.query".into()
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.count(attribute::QUERY_LENGTH, self.length);
        attributes.count(attribute::TOPIC_IDS_COUNT, self.topics);
        attributes.count(attribute::SEARCH_LIMIT, self.search_limit);
        attributes.count(attribute::RERANK_TOP_K, self.rerank_top_k);
    }

    fn note(&mut self, answer: &Answer) {
        self.answered = Some((answer.context.len(), answer.cached));
    }

    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        let name = match (outcome, self.answered) {
            (Outcome::Succeeded, Some((0, _))) => "no_results",
            (Outcome::Succeeded, _) => "answered",
            (Outcome::Failed(_), _) => "failed",
            // The client left, or the shutdown's patience ended: nobody will read the answer.
            (Outcome::Abandoned(_), _) => "abandoned",
        };
        let cache_hit = self.answered.is_some_and(|(_, cached)| cached);
        let results = self.answered.map(|(results, _)| results);
        to.set(|attributes| {
            attributes.text(attribute::QUERY_OUTCOME, name);
            attributes.flag(attribute::CACHE_HIT, cache_hit);
            if let Some(count) = results {
                attributes.count(attribute::RESULTS_COUNT, count);
            }
        });
        to.metrics.rag.query(elapsed, cache_hit);
        if let Outcome::Failed(failure) = outcome
            && let Some(stage) = failure.stage
        {
            to.metrics.rag.query_error(stage);
        }
    }
}
