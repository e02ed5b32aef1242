//! What is remembered between queries. A cache that fails is a miss and a warning, never a failed query.

use std::{fmt::Write as _, time::Duration};

use sha2::{Digest as _, Sha256};

use super::{Answer, Pipeline, Question, Stage};
use crate::{clients::DependencyError, telemetry::Failure as _};

/// An answer may be repeated for a quarter of an hour; documents ingested meanwhile are not in it.
const ANSWER_LIFETIME: Duration = Duration::from_mins(15);
/// An empty answer for less: the missing document may be on its way.
const EMPTY_ANSWER_LIFETIME: Duration = Duration::from_mins(5);
/// A text has the same vector as long as the model has its name.
const VECTOR_LIFETIME: Duration = Duration::from_hours(720);

impl Pipeline {
    pub(super) async fn remembered_answer(&self, question: &Question) -> Option<Answer> {
        let bytes = self.recall(&self.answer_key(question)).await?;
        let answer: Answer = serde_json::from_slice(&bytes).ok()?;
        Some(Answer { cached: true, ..answer })
    }

    pub(super) async fn remember_answer(&self, question: &Question, answer: &Answer) {
        let lifetime = if answer.context.is_empty() { EMPTY_ANSWER_LIFETIME } else { ANSWER_LIFETIME };
        if let Ok(bytes) = serde_json::to_vec(answer) {
            self.remember(&self.answer_key(question), &bytes, lifetime).await;
        }
    }

    pub(super) async fn remembered_vector(&self, text: &str) -> Option<Vec<f32>> {
        let bytes = self.recall(&self.vector_key(text)).await?;
        let (numbers, rest) = bytes.as_chunks::<4>();
        let vector: Vec<f32> = numbers.iter().map(|number| f32::from_le_bytes(*number)).collect();
        (rest.is_empty() && !vector.is_empty()).then_some(vector)
    }

    pub(super) async fn remember_vector(&self, text: &str, vector: &[f32]) {
        let bytes: Vec<u8> = vector.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.remember(&self.vector_key(text), &bytes, VECTOR_LIFETIME).await;
    }

    async fn recall(&self, key: &str) -> Option<Vec<u8>> {
        self.cache.get(key).await.unwrap_or_else(|error| {
            self.go_on_without_cache(&error);
            None
        })
    }

    async fn remember(&self, key: &str, value: &[u8], lifetime: Duration) {
        if let Err(error) = self.cache.set(key, value, lifetime).await {
            self.go_on_without_cache(&error);
        }
    }

    fn go_on_without_cache(&self, error: &DependencyError) {
        tracing::warn!(stage = Stage::Cache.as_str(), error_type = %error.error_type(), "the cache failed, going on without it: {error}");
        if let Some(metrics) = self.telemetry.metrics() {
            metrics.rag.query_error(Stage::Cache);
        }
    }

    /// Everything that makes an answer another one. A hash, because keys show up in places that questions must not.
    fn answer_key(&self, question: &Question) -> String {
        let mut topics: Vec<&str> = question.topic_ids.iter().map(String::as_str).collect();
        topics.sort_unstable();
        topics.dedup();
        let question = normalized(&question.text);
        let limits = format!("{}/{}", self.config.search_limit, self.config.rerank_top_k);
        let mut parts = vec![question.as_str(), self.model.chat_model(), self.vectors.collection(), &limits];
        parts.extend(topics);
        format!("rag:answer:{}", hash(&parts))
    }

    fn vector_key(&self, text: &str) -> String {
        format!("rag:vector:{}", hash(&[self.model.embedding_model(), text]))
    }
}

/// Upper case and spacing do not make another question.
fn normalized(question: &str) -> String {
    question.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of the parts with their lengths, so that no two lists of parts are the same bytes.
fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{hash, normalized};

    #[test]
    fn spacing_and_case_do_not_matter() {
        assert_eq!(normalized("  What  is\nOTLP? "), normalized("what is otlp?"));
    }

    #[test]
    fn parts_are_not_confused_with_their_neighbours() {
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
        assert_ne!(hash(&["a"]), hash(&["a", ""]));
        assert_eq!(hash(&["a", "b"]).len(), 64);
    }
}
