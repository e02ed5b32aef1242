//! `POST /api/rag/stream`: a question, answered by server-sent events.

use std::{convert::Infallible, sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::State,
    response::{
        Sse,
        sse::{Event, KeepAlive},
    },
};
use futures::{Stream, StreamExt as _};
use serde_json::{Value, json};

use super::{
    Api,
    error::ApiError,
    rag::{log_answer, question},
};
use crate::{clients::TokenUsage, pipeline::AnswerEvent};

/// What fails before the first event is a plain error answer; what fails later is an `error` event.
pub(super) async fn answer(
    State(api): State<Api>,
    body: Body,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let started = Instant::now();
    let question = question(&api, body).await?;
    let events = Arc::clone(&api.pipeline).stream(question).await.map_err(|error| ApiError::stage(&error))?;
    let mut sources = 0;
    let events = events.map(move |event| {
        match &event {
            AnswerEvent::Citations(cited) => sources = cited.len(),
            AnswerEvent::Done { cached, .. } => log_answer(sources, *cached, started),
            AnswerEvent::Chunk(_) | AnswerEvent::Error(_) => {}
        }
        Ok(sse_event(event))
    });
    // Proxies close connections on which nothing comes for a while.
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

fn sse_event(event: AnswerEvent) -> Event {
    let (name, data) = match event {
        AnswerEvent::Chunk(text) => ("answer_chunk", json!({ "text": text })),
        AnswerEvent::Citations(sources) => ("citations", json!({ "sources": sources })),
        AnswerEvent::Done { cached, usage } => ("done", json!({ "cached": cached, "usage": usage.map(usage_json) })),
        AnswerEvent::Error(error) => ("error", ApiError::stage(&error).body()),
    };
    Event::default().event(name).data(data.to_string())
}

fn usage_json(usage: TokenUsage) -> Value {
    json!({
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
    })
}
