//! A query from end to end.

use super::{Answer, Passage, Pipeline, Question, StageError};
use crate::telemetry::spans;

impl Pipeline {
    /// Answers a question.
    pub(crate) async fn answer(&self, question: &Question) -> Result<Answer, StageError> {
        let span = spans::Query::new(question, &self.config);
        self.telemetry.observe(span, Box::pin(self.find_answer(question))).await
    }

    async fn find_answer(&self, question: &Question) -> Result<Answer, StageError> {
        if let Some(answer) = self.remembered_answer(question).await {
            return Ok(answer);
        }
        let passages = self.find_passages(question).await?;
        let answer =
            if passages.is_empty() { Answer::nothing_found() } else { self.generate(question, passages).await? };
        self.remember_answer(question, &answer).await;
        Ok(answer)
    }

    /// The passages to answer from, the best first; none if the topics hold nothing.
    pub(super) async fn find_passages(&self, question: &Question) -> Result<Vec<Passage>, StageError> {
        let vector = self.embed_question(question).await?;
        let found = self.retrieve(question, &vector).await?;
        if found.is_empty() {
            return Ok(found);
        }
        self.rerank(question, found).await
    }
}
