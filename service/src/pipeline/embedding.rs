//! The question as a vector.

use super::{AtStage as _, Pipeline, Question, Stage, StageError};
use crate::{clients::DependencyError, telemetry::spans, text::characters};

/// A question's vector.
pub(crate) struct QuestionVector {
    pub(crate) vector: Vec<f32>,
    /// Whether it came from the cache.
    pub(crate) cached: bool,
    /// Tokens it took this time: none from the cache.
    pub(crate) tokens: u64,
}

impl Pipeline {
    pub(super) async fn embed_question(&self, question: &Question) -> Result<Vec<f32>, StageError> {
        let span = spans::Embedding::new(characters(&question.text), self.model.embedding_model());
        let embedded = self.telemetry.observe(span, self.find_vector(&question.text)).await.at(Stage::Embedding)?;
        Ok(embedded.vector)
    }

    async fn find_vector(&self, text: &str) -> Result<QuestionVector, DependencyError> {
        let remembered = self.remembered_vector(text).await;
        self.usage.embedding_lookup(remembered.is_some());
        if let Some(vector) = remembered {
            return Ok(QuestionVector { vector, cached: true, tokens: 0 });
        }
        let embedded = self.model.embed(vec![text.to_owned()]).await?;
        let tokens = embedded.tokens;
        let vector = embedded.items.into_iter().next().ok_or(DependencyError::Malformed)?;
        self.remember_vector(text, &vector).await;
        Ok(QuestionVector { vector, cached: false, tokens })
    }
}
