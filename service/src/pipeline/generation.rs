//! The answer, written by the model.

use super::{Answer, AtStage as _, Passage, Pipeline, Question, Stage, StageError, prompt::prompt};
use crate::{
    clients::{ChatStream, DependencyError, Prompt, TokenUsage},
    telemetry::{Running, spans},
};

impl Pipeline {
    pub(super) async fn generate(&self, question: &Question, passages: Vec<Passage>) -> Result<Answer, StageError> {
        let prompt = prompt(&self.config.system_prompt, question, &passages);
        let writing = self.model.chat(&prompt);
        let completion = self.telemetry.observe(self.generation_span(&prompt), writing).await.at(Stage::Llm)?;
        Ok(Answer::new(completion.text, passages))
    }

    pub(super) async fn generate_stream(
        &self,
        question: &Question,
        passages: Vec<Passage>,
    ) -> Result<Generation, StageError> {
        let prompt = prompt(&self.config.system_prompt, question, &passages);
        let running = self.telemetry.start(self.generation_span(&prompt));
        match running.within(self.model.chat_stream(&prompt)).await {
            Ok(stream) => Ok(Generation { stream, running, passages }),
            Err(error) => {
                running.fail(&error);
                Err(error).at(Stage::Llm)
            }
        }
    }

    fn generation_span(&self, prompt: &Prompt) -> spans::LlmGeneration {
        spans::LlmGeneration::new(self.model.chat_model(), prompt.length())
    }
}

/// An answer that is being written. Dropping it stops the model.
pub(super) struct Generation {
    /// Dropped first: the call ends before the stage does.
    stream: ChatStream,
    running: Running<spans::LlmGeneration>,
    passages: Vec<Passage>,
}

impl Generation {
    /// The next piece of text; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, DependencyError> {
        self.stream.next().await
    }

    /// Ends the stage: with the whole answer, or with the error that `next` gave.
    pub(super) fn finish(
        self,
        result: Result<(), DependencyError>,
    ) -> Result<(Answer, Option<TokenUsage>), StageError> {
        let result = self.stream.finish(result);
        self.running.finish(&result);
        let completion = result.at(Stage::Llm)?;
        Ok((Answer::new(completion.text, self.passages), completion.usage))
    }
}
