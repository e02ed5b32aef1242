//! The passages nearest to the question.

use super::{AtStage as _, Passage, Pipeline, Question, Stage, StageError};
use crate::telemetry::spans;

impl Pipeline {
    pub(super) async fn retrieve(&self, question: &Question, vector: &[f32]) -> Result<Vec<Passage>, StageError> {
        let limit = self.config.search_limit;
        let search = self.vectors.search(vector, &question.topic_ids, limit);
        let span = spans::VectorSearch::new(question.topic_ids.len(), limit);
        self.telemetry.observe(span, search).await.at(Stage::Search)
    }
}
