//! The found passages in the order of their use, cut to the best.

use std::collections::HashSet;

use super::{AtStage as _, Passage, Pipeline, Question, Stage, StageError};
use crate::{clients::DependencyError, telemetry::spans, text::characters};

/// How much shared words count against nearness of meaning.
const WORDS_WEIGHT: f64 = 0.3;

impl Pipeline {
    /// A reranking server that fails, fails the query: whoever set one up wants its order, and an answer from other
    /// passages would be worse without anybody seeing it.
    pub(super) async fn rerank(&self, question: &Question, passages: Vec<Passage>) -> Result<Vec<Passage>, StageError> {
        let top_k = self.config.rerank_top_k;
        let span = spans::Rerank::new(characters(&question.text), passages.len(), top_k);
        let work = async {
            let mut passages = self.score(&question.text, passages).await?;
            // Stable: passages of equal score stay in the order of the search.
            passages.sort_by(|a, b| b.score.total_cmp(&a.score));
            passages.truncate(top_k);
            Ok::<_, DependencyError>(passages)
        };
        self.telemetry.observe(span, work).await.at(Stage::Rerank)
    }

    async fn score(&self, question: &str, mut passages: Vec<Passage>) -> Result<Vec<Passage>, DependencyError> {
        let Some(reranker) = &self.reranker else {
            score_by_words(question, &mut passages);
            return Ok(passages);
        };
        let texts: Vec<&str> = passages.iter().map(|passage| passage.text.as_str()).collect();
        let ranking = reranker.rank(question, &texts).await?;
        let mut ranked = Vec::with_capacity(ranking.len());
        let mut seen = HashSet::new();
        for relevance in ranking {
            if let Some(passage) = passages.get(relevance.index)
                && seen.insert(relevance.index)
            {
                ranked.push(Passage { score: relevance.score, ..passage.clone() });
            }
        }
        Ok(ranked)
    }
}

/// The lexical reranker: nearness of meaning, mixed with the share of the question's words that the passage has.
fn score_by_words(question: &str, passages: &mut [Passage]) {
    let asked = words(question);
    for passage in passages {
        let mut has = words(&passage.text);
        has.extend(words(&passage.title));
        passage.score = (1.0 - WORDS_WEIGHT) * passage.score + WORDS_WEIGHT * share(&asked, &has);
    }
}

/// Words that can carry meaning: those of three letters and more.
fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().nth(2).is_some())
        .map(str::to_lowercase)
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "word counts are small")]
fn share(asked: &HashSet<String>, has: &HashSet<String>) -> f64 {
    if asked.is_empty() {
        return 0.0;
    }
    asked.intersection(has).count() as f64 / asked.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(text: &str, score: f64) -> Passage {
        Passage { document_id: text.to_owned(), title: String::new(), chunk: 0, text: text.to_owned(), score }
    }

    #[test]
    fn of_two_equally_near_passages_the_one_with_the_questions_words_is_better() {
        let mut passages = [passage("about cats and dogs", 0.5), passage("sampling of traces", 0.5)];

        score_by_words("How does trace sampling work? Sampling of traces", &mut passages);

        assert!(passages[1].score > passages[0].score);
    }

    #[test]
    fn a_question_without_words_leaves_the_order_of_the_search() {
        let mut passages = [passage("a", 0.9), passage("b", 0.1)];

        score_by_words("??", &mut passages);

        assert!(passages[0].score > passages[1].score);
    }
}
