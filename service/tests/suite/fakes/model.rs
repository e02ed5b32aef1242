//! A model server: vectors by shared words, one answer for everything.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Response, StatusCode},
    response::IntoResponse,
    routing::post,
    serve::ListenerExt as _,
};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Notify};

use super::{Received, Script};

pub(crate) const ANSWER: [&str; 3] = ["Sampling ", "keeps ", "some traces."];

pub(crate) enum Behaviour {
    Status(u16, Vec<(&'static str, &'static str)>),
    /// Never answers.
    Hang,
    /// Streams one chunk, and cuts the connection when told to: at once, the chunk might not get out.
    CutWhen(Arc<Notify>),
    /// Streams the whole answer, each event a millisecond after the one before: as a model does, in a packet each.
    InPieces,
    /// Streams one chunk, then ends.
    EndEarly,
    /// Streams one chunk, then nothing.
    Stall,
    /// Answers with something that is no answer.
    Nonsense,
}

#[derive(Clone, Default)]
pub(crate) struct Model {
    pub(crate) url: String,
    pub(crate) embeddings: Script<Behaviour>,
    pub(crate) chat: Script<Behaviour>,
    pub(crate) received: Received,
    asked: Arc<Notify>,
}

impl Model {
    /// Waits until it was asked something.
    pub(crate) async fn received_one(&self) {
        self.asked.notified().await;
    }

    pub(crate) async fn run() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let model = Self { url: format!("http://{}/v1", listener.local_addr().unwrap()), ..Self::default() };
        let router = Router::new()
            .route("/v1/embeddings", post(embeddings))
            .route("/v1/chat/completions", post(chat))
            .with_state(model.clone());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        model
    }
}

async fn embeddings(State(model): State<Model>, headers: HeaderMap, Json(request): Json<Value>) -> Response<Body> {
    model.received.lock().unwrap().push(headers);
    model.asked.notify_one();
    if let Some(behaviour) = model.embeddings.next() {
        return misbehave(behaviour).await;
    }
    let texts = request["input"].as_array().unwrap();
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text.as_str().unwrap()) }))
        .collect();
    let tokens = 7 * texts.len();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    Json(json!({ "object": "list", "model": "embedder-1", "data": data, "usage": usage })).into_response()
}

async fn chat(State(model): State<Model>, headers: HeaderMap, Json(request): Json<Value>) -> Response<Body> {
    model.received.lock().unwrap().push(headers);
    model.asked.notify_one();
    if let Some(behaviour) = model.chat.next() {
        return misbehave(behaviour).await;
    }
    if request["stream"] == json!(true) {
        assert_eq!(request["stream_options"]["include_usage"], json!(true));
        return sse(Body::from(events().concat()));
    }
    let message = json!({ "role": "assistant", "content": ANSWER.concat() });
    let choices = json!([{ "index": 0, "message": message, "finish_reason": "stop", "logprobs": null }]);
    let answer = json!({
        "id": "chat-1", "object": "chat.completion", "created": 1, "model": "chatter-1",
        "choices": choices, "usage": usage(),
    });
    Json(answer).into_response()
}

async fn misbehave(behaviour: Behaviour) -> Response<Body> {
    match behaviour {
        Behaviour::Status(status, headers) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), "upstream-body-canary").into_response();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Behaviour::Hang => std::future::pending().await,
        Behaviour::Nonsense => Json(json!({ "nonsense": "upstream-body-canary" })).into_response(),
        Behaviour::CutWhen(told) => {
            let cut = stream::once(async move {
                told.notified().await;
                Err(std::io::Error::other("cut"))
            });
            sse(Body::from_stream(first_chunk().chain(cut)))
        }
        Behaviour::InPieces => {
            let pieces = stream::iter(events()).then(async |event| {
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                Ok::<_, std::io::Error>(Bytes::from(event))
            });
            sse(Body::from_stream(pieces))
        }
        Behaviour::EndEarly => sse(Body::from_stream(first_chunk())),
        Behaviour::Stall => sse(Body::from_stream(first_chunk().chain(stream::pending()))),
    }
}

fn events() -> Vec<String> {
    let mut events: Vec<String> = ANSWER.iter().map(|text| chunk(text, None)).collect();
    events.push(chunk("", Some("stop")));
    let mut last = chunk_of(&json!([]));
    last["usage"] = usage();
    events.push(format!("data: {last}\n\n"));
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn first_chunk() -> impl futures::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::once(async { Ok(Bytes::from(chunk(ANSWER[0], None))) })
}

fn sse(body: Body) -> Response<Body> {
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
}

fn chunk(text: &str, finish_reason: Option<&str>) -> String {
    let choices = json!([{ "index": 0, "delta": { "content": text }, "finish_reason": finish_reason }]);
    format!("data: {}\n\n", chunk_of(&choices))
}

fn chunk_of(choices: &Value) -> Value {
    json!({ "id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "chatter-1", "choices": choices })
}

fn usage() -> Value {
    json!({ "prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45 })
}

/// Texts that share words are near.
fn vector(text: &str) -> Vec<f32> {
    let mut vector = vec![0.001; 16];
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2) {
        let bucket = word.bytes().fold(7_usize, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        vector[bucket % 16] += 1.0;
    }
    vector
}
