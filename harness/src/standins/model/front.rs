//! The listener in front of the mocks: faults, latency, streaming, and the record of it all.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;

use super::failure::Failure;
use super::memory::{Answer, Memory, Question};
use super::mocks::Mocks;
use super::usage;
use crate::capture::{Exchange, Party};
use crate::standins::Fault;
use crate::standins::record::{Desk, Pending};
use crate::standins::wire::Cut;

/// How long answers take at least.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Latency {
    pub(super) embeddings: Duration,
    pub(super) chat: Duration,
    pub(super) chunk: Duration,
}

/// What every request needs.
#[derive(Debug)]
pub(super) struct Front {
    mocks: Arc<Mocks>,
    client: reqwest::Client,
    latency: Latency,
    memory: Option<Memory>,
    desk: Desk,
}

impl Front {
    pub(super) fn new(mocks: Arc<Mocks>, latency: Latency, remember: bool, desk: Desk) -> io::Result<Self> {
        // A proxy from the environment must not come between two ends of one process.
        let client = crate::http::client().build().map_err(io::Error::other)?;
        Ok(Self { mocks, client, latency, memory: remember.then(Memory::default), desk })
    }

    /// Every request goes through [`serve`].
    pub(super) fn router(self) -> Router {
        Router::new().fallback(serve).with_state(Arc::new(self))
    }
}

async fn serve(State(front): State<Arc<Front>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    // Fails if the client leaves while it is still sending.
    let Ok(body) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let path = head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let operation = operation(head.uri.path());
    let pending = front.desk.recorder.begin(|| Exchange {
        by: Party::Model,
        method: head.method.to_string(),
        path: path.clone(),
        request_headers: texts(&head.headers),
        request_body: String::from_utf8_lossy(&body).into_owned(),
        ..Exchange::default()
    });

    let fault = front.desk.faults.next(operation).unwrap_or_default();
    if let Some(delay) = fault.delay() {
        tokio::time::sleep(delay).await;
    }
    if fault.cut {
        pending.finish(None);
        if let Some(cut) = head.extensions.get::<Cut>() {
            cut.now().await;
        }
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    if let Some(status) = fault.status {
        return send(pending, operation, told_to_fail(status, &fault));
    }

    wait(match operation {
        "embeddings" => front.latency.embeddings,
        "chat" => front.latency.chat,
        _ => Duration::ZERO,
    })
    .await;
    let authorization = head.headers.get(header::AUTHORIZATION).cloned();
    let question = Question { method: head.method, path, authorization, body };
    let answer = match ask(&front, question, &head.headers).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::warn!(error = %error, "the mocks gave no answer");
            failed(&Failure::of_status(500, None))
        }
    };
    if is_stream(&answer.headers) {
        stream(pending, operation, answer, fault.chunk_delay().unwrap_or(front.latency.chunk), fault.cut_after)
    } else {
        send(pending, operation, answer)
    }
}

/// The word by which faults know a path.
fn operation(path: &str) -> &'static str {
    match path {
        "/v1/embeddings" => "embeddings",
        "/v1/chat/completions" => "chat",
        path if path.starts_with("/v1/models") => "models",
        _ => "other",
    }
}

/// Gets the answer from the mocks, or from memory.
async fn ask(front: &Front, question: Question, headers: &HeaderMap) -> reqwest::Result<Answer> {
    if let Some(answer) = front.memory.as_ref().and_then(|memory| memory.recall(&question)) {
        return Ok(answer);
    }

    let mut headers = headers.clone();
    // They belong to the connection, not to the request.
    for name in [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        headers.remove(name);
    }
    let url = format!("{}{}", front.mocks.uri(), question.path);
    let request = front.client.request(question.method.clone(), url).headers(headers).body(question.body.clone());
    let response = front.mocks.ask(request.send()).await?;
    let mut answer =
        Answer { status: response.status(), headers: response.headers().clone(), body: response.bytes().await? };
    for name in [header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
        answer.headers.remove(name);
    }

    if let Some(memory) = &front.memory {
        memory.keep(question, &answer);
    }
    Ok(answer)
}

/// Sends an answer in one piece.
fn send(mut pending: Pending, operation: &str, answer: Answer) -> Response {
    pending.note(|exchange| {
        exchange.response_headers = texts(&answer.headers);
        exchange.response_body = String::from_utf8_lossy(&answer.body).into_owned();
        exchange.facts.extend(usage::facts(operation, &answer.body).into_iter().map(|(name, n)| (name.to_owned(), n)));
    });
    pending.finish(Some(answer.status.as_u16()));
    (answer.status, answer.headers, answer.body).into_response()
}

/// Sends an answer event by event. What the record tells is what has been handed over when the stream ends, breaks or is left.
fn stream(
    mut pending: Pending,
    operation: &'static str,
    answer: Answer,
    delay: Duration,
    cut_after: Option<usize>,
) -> Response {
    let (status, headers) = (answer.status, answer.headers.clone());
    pending.note(|exchange| {
        exchange.status = Some(status.as_u16());
        exchange.response_headers = texts(&headers);
        exchange.facts.insert("chunks".to_owned(), 0.0);
    });
    let events = async_stream::stream! {
        for (index, event) in events(&answer.body).enumerate() {
            if cut_after == Some(index) {
                // Lets what has been handed over leave before the connection breaks.
                tokio::task::yield_now().await;
                pending.finish(Some(status.as_u16()));
                yield Err(io::Error::from(io::ErrorKind::ConnectionAborted));
                return;
            }
            if index > 0 {
                wait(delay).await;
            }
            pending.facts(usage::facts(operation, &event));
            pending.note(|exchange| {
                exchange.response_body.push_str(&String::from_utf8_lossy(&event));
                *exchange.facts.entry("chunks".to_owned()).or_default() += 1.0;
            });
            yield Ok(event);
        }
        pending.finish(Some(status.as_u16()));
    };
    (status, headers, Body::from_stream(events)).into_response()
}

/// The events of a stream, each with the blank line that ends it.
fn events(body: &Bytes) -> impl Iterator<Item = Bytes> {
    let mut rest = body.clone();
    std::iter::from_fn(move || {
        let end = rest.windows(2).position(|pair| pair == b"\n\n").map_or(rest.len(), |at| at + 2);
        (end > 0).then(|| rest.split_to(end))
    })
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

fn told_to_fail(status: u16, fault: &Fault) -> Answer {
    let mut answer = failed(&Failure::of_status(status, fault.message.clone()));
    if let Some(seconds) = fault.retry_after {
        answer.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    answer
}

fn failed(failure: &Failure) -> Answer {
    Answer {
        status: StatusCode::from_u16(failure.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]),
        body: Bytes::from(failure.body().to_string()),
    }
}

fn texts(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
    headers.iter().filter_map(text).collect()
}

async fn wait(delay: Duration) {
    // Even a sleep of zero takes a turn of the timer, a millisecond.
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
}
