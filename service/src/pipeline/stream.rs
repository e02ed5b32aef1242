//! A query whose answer is told while it is being written.

use std::sync::Arc;

use futures::Stream;

use super::{Answer, Pipeline, Question, Source, StageError, generation::Generation};
use crate::{
    clients::TokenUsage,
    telemetry::{Running, spans},
};

/// What a streamed query tells, in this order: chunks, citations, the end; or an error, which ends it.
pub(crate) enum AnswerEvent {
    Chunk(String),
    Citations(Vec<Source>),
    Done { cached: bool, usage: Option<TokenUsage> },
    Error(StageError),
}

/// What there is to tell.
enum Told {
    /// A remembered answer, or that nothing was found: told in one piece.
    Whole(Answer),
    Writing(Box<Generation>),
}

impl Pipeline {
    /// Answers a question piece by piece. Dropping the stream gives the query up.
    ///
    /// Answers are remembered for streamed and plain queries alike: the same question gets the same answer.
    ///
    /// # Errors
    /// Whatever fails before the first piece; a later failure is an event.
    pub(crate) async fn stream(
        self: Arc<Self>,
        question: Question,
    ) -> Result<impl Stream<Item = AnswerEvent> + Send, StageError> {
        let running = self.telemetry.start(spans::Query::new(&question, &self.config));
        match running.within(self.begin(&question)).await {
            Ok(told) => Ok(self.tell(question, told, running)),
            Err(error) => {
                running.fail(&error);
                Err(error)
            }
        }
    }

    async fn begin(&self, question: &Question) -> Result<Told, StageError> {
        if let Some(answer) = self.remembered_answer(question).await {
            return Ok(Told::Whole(answer));
        }
        let passages = self.find_passages(question).await?;
        if passages.is_empty() {
            let answer = Answer::nothing_found();
            self.remember_answer(question, &answer).await;
            return Ok(Told::Whole(answer));
        }
        Ok(Told::Writing(Box::new(self.generate_stream(question, passages).await?)))
    }

    fn tell(
        self: Arc<Self>,
        question: Question,
        told: Told,
        running: Running<spans::Query>,
    ) -> impl Stream<Item = AnswerEvent> + Send {
        async_stream::stream! {
            let (answer, usage) = match told {
                Told::Whole(answer) => {
                    yield AnswerEvent::Chunk(answer.answer.clone());
                    (answer, None)
                }
                Told::Writing(mut generation) => {
                    let written = loop {
                        match generation.next().await {
                            Ok(Some(text)) => yield AnswerEvent::Chunk(text),
                            Ok(None) => break Ok(()),
                            Err(error) => break Err(error),
                        }
                    };
                    match generation.finish(written) {
                        Ok((answer, usage)) => {
                            running.within(self.remember_answer(&question, &answer)).await;
                            (answer, usage)
                        }
                        Err(error) => {
                            yield AnswerEvent::Error(error.clone());
                            running.fail(&error);
                            return;
                        }
                    }
                }
            };
            yield AnswerEvent::Citations(answer.sources.clone());
            yield AnswerEvent::Done { cached: answer.cached, usage };
            // Asked for more, the client has all of it: only now the query has ended.
            running.succeed(&answer);
        }
    }
}
