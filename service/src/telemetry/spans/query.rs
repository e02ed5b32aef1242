//! `rag.query`: a question, from the cache lookup to the last byte of the answer.

use std::time::Duration;

use opentelemetry::{KeyValue, trace::SpanBuilder};

use super::{int, internal};
use crate::{
    config::RagConfig,
    pipeline::{Answer, Question},
    telemetry::{Operation, Outcome, Recorder, names::attribute},
};

pub(crate) struct Query {
    length: usize,
    topics: usize,
    search_limit: usize,
    rerank_top_k: usize,
}

impl Query {
    pub(crate) fn new(question: &Question, config: &RagConfig) -> Self {
        Self {
            length: question.text.chars().count(),
            topics: question.topic_ids.len(),
            search_limit: usize::try_from(config.search_limit).unwrap_or(usize::MAX),
            rerank_top_k: config.rerank_top_k,
        }
    }
}

impl Operation for Query {
    type Output = Answer;

    fn builder(&self) -> SpanBuilder {
        internal(
            "rag.query",
            vec![
                int(attribute::QUERY_LENGTH, self.length),
                int(attribute::TOPIC_IDS_COUNT, self.topics),
                int(attribute::SEARCH_LIMIT, self.search_limit),
                int(attribute::RERANK_TOP_K, self.rerank_top_k),
            ],
        )
    }

    fn end(&mut self, outcome: &Outcome<'_, Answer>, elapsed: Duration, to: &Recorder<'_>) {
        let (name, cache_hit, results) = match outcome {
            Outcome::Succeeded(answer) if answer.context.is_empty() => ("no_results", answer.cached, Some(0)),
            Outcome::Succeeded(answer) => ("answered", answer.cached, Some(answer.context.len())),
            Outcome::Failed(_) => ("failed", false, None),
            // The client left, or the shutdown's patience ended: nobody will read the answer.
            Outcome::Abandoned(_) => ("abandoned", false, None),
        };
        to.set(|| {
            let mut attributes =
                vec![KeyValue::new(attribute::QUERY_OUTCOME, name), KeyValue::new(attribute::CACHE_HIT, cache_hit)];
            attributes.extend(results.map(|count| int(attribute::RESULTS_COUNT, count)));
            attributes
        });
        to.metrics.rag.query(elapsed, cache_hit);
        if let Outcome::Failed(failure) = outcome
            && let Some(stage) = failure.stage()
        {
            to.metrics.rag.query_error(stage);
        }
    }
}
