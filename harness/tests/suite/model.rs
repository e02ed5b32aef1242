//! The model stand-in, asked by the real client, and with bare HTTP where a client would not go wrong.

use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestSystemMessageArgs, ChatCompletionRequestUserMessageArgs, ChatCompletionStreamOptions,
    CreateChatCompletionRequest, CreateChatCompletionRequestArgs, FinishReason,
};
use async_openai::types::embeddings::{
    CreateEmbeddingRequest, CreateEmbeddingRequestArgs, EmbeddingInput, EncodingFormat,
};
use futures::StreamExt;
use otelgate_harness::capture::{Exchange, Party};
use otelgate_harness::standins::model::count_tokens;
use otelgate_harness::standins::{self, Fault, Model};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, ResponseTemplate};

const CONTEXT: &str =
    "Context:\nA span records one operation. Logs are kept for seven days.\n\nQuestion: How long are logs kept?";

async fn server() -> (Model, Client<OpenAIConfig>) {
    let server = standins::model().run().await.unwrap();
    let client = client(&server, "sk-test");
    (server, client)
}

fn client(server: &Model, key: &str) -> Client<OpenAIConfig> {
    Client::with_config(OpenAIConfig::new().with_api_base(server.url()).with_api_key(key))
}

fn embedding(input: impl Into<EmbeddingInput>) -> CreateEmbeddingRequest {
    CreateEmbeddingRequestArgs::default().model("text-embedding-3-large").input(input).build().unwrap()
}

fn chat(prompt: &str) -> CreateChatCompletionRequest {
    let system = ChatCompletionRequestSystemMessageArgs::default().content("Answer from the context.").build().unwrap();
    let user = ChatCompletionRequestUserMessageArgs::default().content(prompt).build().unwrap();
    CreateChatCompletionRequestArgs::default()
        .model("gpt-4o-mini")
        .messages([system.into(), user.into()])
        .build()
        .unwrap()
}

fn streamed(prompt: &str) -> CreateChatCompletionRequest {
    let mut request = chat(prompt);
    request.stream = Some(true);
    request.stream_options = Some(ChatCompletionStreamOptions { include_usage: Some(true), ..Default::default() });
    request
}

/// Posts a body as it is; the status and the JSON of the answer.
async fn post(server: &Model, path: &str, body: &str) -> (u16, Value) {
    let request = reqwest::Client::new().post(format!("{}{path}", server.url())).bearer_auth("sk-test");
    let response = request.body(body.to_owned()).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The last exchange, once there is one of which `wanted` holds.
async fn exchange(server: &Model, wanted: impl Fn(&Exchange) -> bool) -> Exchange {
    loop {
        if let Some(exchange) = server.exchanges().into_iter().rev().find(&wanted) {
            return exchange;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn texts_become_vectors_of_length_one() {
    let (_server, client) = server().await;

    let answer =
        client.embeddings().create(embedding(vec!["one span".to_owned(), "two logs".to_owned()])).await.unwrap();

    assert_eq!(answer.model, "text-embedding-3-large");
    assert_eq!(answer.data.iter().map(|item| item.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(answer.usage.prompt_tokens, count_tokens("one span") + count_tokens("two logs"));
    for item in answer.data {
        assert_eq!(item.embedding.len(), 256);
        let length: f32 = item.embedding.iter().map(|x| x * x).sum();
        assert!((length - 1.0).abs() < 1e-4, "{length}");
    }
}

#[tokio::test]
async fn floats_and_base64_are_the_same_vector() {
    let (_server, client) = server().await;
    let mut request = embedding("how long are logs kept");
    let floats = client.embeddings().create(request.clone()).await.unwrap().data.remove(0).embedding;

    request.encoding_format = Some(EncodingFormat::Base64);
    let answer = client.embeddings().create_base64(request).await.unwrap();

    let decoded: Vec<f32> = answer.data.into_iter().next().unwrap().embedding.into();
    assert_eq!(decoded, floats);
}

#[tokio::test]
async fn dimensions_and_token_arrays_are_honoured() {
    let (_server, client) = server().await;
    let mut request = embedding(vec![vec![1_u32, 2, 3], vec![4]]);
    request.dimensions = Some(64);

    let answer = client.embeddings().create(request).await.unwrap();

    assert_eq!(answer.data.iter().map(|item| item.embedding.len()).collect::<Vec<_>>(), [64, 64]);
    assert_eq!(answer.usage.prompt_tokens, 4);
    assert_ne!(answer.data[0].embedding, answer.data[1].embedding);
}

#[tokio::test]
async fn a_chat_is_answered_from_its_context() {
    let (_server, client) = server().await;

    let answer = client.chat().create(chat(CONTEXT)).await.unwrap();

    assert_eq!(answer.model, "gpt-4o-mini-2024-07-18");
    assert!(answer.id.starts_with("chatcmpl-"));
    let choice = &answer.choices[0];
    let text = choice.message.content.as_deref().unwrap();
    assert!(text.contains("Logs are kept for seven days."), "{text}");
    assert_eq!(choice.finish_reason, Some(FinishReason::Stop));
    let usage = answer.usage.unwrap();
    assert_eq!(usage.completion_tokens, count_tokens(text));
    assert_eq!(usage.prompt_tokens, count_tokens("Answer from the context.") + count_tokens(CONTEXT) + 2 * 4 + 3);
    assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
}

#[tokio::test]
async fn an_answer_ends_at_its_token_limit() {
    let (_server, client) = server().await;
    let mut request = chat(CONTEXT);
    request.max_completion_tokens = Some(3);

    let answer = client.chat().create(request).await.unwrap();

    assert_eq!(answer.choices[0].finish_reason, Some(FinishReason::Length));
    assert_eq!(answer.usage.unwrap().completion_tokens, 3);
}

#[tokio::test]
async fn a_suffix_is_part_of_every_answer() {
    let server = standins::model().with_answer_suffix(" canary-1234").run().await.unwrap();

    let answer = client(&server, "any").chat().create(chat(CONTEXT)).await.unwrap();

    assert!(answer.choices[0].message.content.as_deref().unwrap().ends_with(" canary-1234"));
}

#[tokio::test]
async fn a_stream_brings_the_answer_in_words_and_then_the_usage() {
    let (server, client) = server().await;
    let whole = client.chat().create(chat(CONTEXT)).await.unwrap();

    let mut stream = client.chat().create_stream(streamed(CONTEXT)).await.unwrap();
    let mut chunks = Vec::new();
    while let Some(chunk) = stream.next().await {
        chunks.push(chunk.unwrap());
    }

    let words = chunks.iter().flat_map(|chunk| &chunk.choices).filter_map(|choice| choice.delta.content.as_deref());
    assert_eq!(words.collect::<String>(), whole.choices[0].message.content.as_deref().unwrap());
    let [.., finish, usage] = chunks.as_slice() else { panic!("{chunks:?}") };
    assert_eq!(finish.choices[0].finish_reason, Some(FinishReason::Stop));
    assert!(usage.choices.is_empty());
    assert_eq!(usage.usage, whole.usage);
    let sent = exchange(&server, |exchange| exchange.facts.contains_key("chunks")).await;
    assert_eq!((sent.status, sent.left), (Some(200), false));
    assert!(sent.response_body.ends_with("data: [DONE]\n\n"));
    let tokens = f64::from(usage.usage.as_ref().unwrap().completion_tokens);
    assert_eq!(sent.facts.get("completion_tokens"), Some(&tokens));
}

#[tokio::test]
async fn a_broken_stream_has_sent_no_tokens() {
    let (server, client) = server().await;
    server.faults().add(Fault { on: Some("chat".to_owned()), cut_after: Some(3), ..Fault::default() });

    let mut stream = client.chat().create_stream(streamed(CONTEXT)).await.unwrap();
    let mut good = 0;
    let mut error = None;
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(_) => good += 1,
            Err(broken) => error = Some(broken),
        }
    }

    assert_eq!(good, 3);
    assert!(error.is_some());
    let sent = exchange(&server, |exchange| exchange.facts.contains_key("chunks")).await;
    assert_eq!(sent.facts.into_iter().collect::<Vec<_>>(), [("chunks".to_owned(), 3.0)]);
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_is_recorded() {
    let server = standins::model().with_chunk_delay(Duration::from_millis(20)).run().await.unwrap();

    let mut stream = client(&server, "any").chat().create_stream(streamed(CONTEXT)).await.unwrap();
    stream.next().await.unwrap().unwrap();
    drop(stream);

    let sent = exchange(&server, |exchange| exchange.left).await;
    assert_eq!(sent.status, Some(200));
    assert!(!sent.facts.contains_key("completion_tokens"));
}

#[tokio::test]
async fn a_rate_limit_names_the_time_to_retry_after() {
    let (server, client) = server().await;
    let limit = Fault { on: Some("embeddings".to_owned()), times: Some(2), status: Some(429), ..Fault::default() };
    server.faults().add(Fault { retry_after: Some(0), ..limit });

    client.embeddings().create(embedding("patience")).await.unwrap();

    let exchanges = server.exchanges();
    assert_eq!(exchanges.iter().map(|exchange| exchange.status).collect::<Vec<_>>(), [Some(429), Some(429), Some(200)]);
    assert_eq!(exchanges[0].response_headers["retry-after"], "0");
    assert!(exchanges[0].facts.is_empty());
    assert!(exchanges[2].facts.contains_key("embedding_tokens"));
}

#[tokio::test]
async fn a_failing_server_answers_in_the_shape_of_openai() {
    let (server, client) = server().await;
    server.faults().add(Fault {
        on: Some("chat".to_owned()),
        status: Some(500),
        retry_after: Some(0),
        ..Fault::default()
    });

    let error = client.chat().create(chat(CONTEXT)).await.unwrap_err();

    let OpenAIError::ApiError(answer) = error else { panic!("{error:?}") };
    // The client takes the body of a 5xx as text, for it need not be JSON.
    let body: Value = serde_json::from_str(&answer.api_error.message).unwrap();
    assert_eq!((answer.status_code.as_u16(), &body["error"]["type"]), (500, &json!("server_error")));
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer() {
    let (server, _client) = server().await;
    server.faults().add(Fault { cut: true, times: Some(1), ..Fault::default() });

    let error = reqwest::Client::new().get(format!("{}/models", server.url())).send().await.unwrap_err();

    assert!(error.is_request(), "{error:?}");
    assert_eq!(server.exchanges()[0].status, None);
}

#[tokio::test]
async fn a_slow_answer_times_out_at_the_client() {
    let (server, _client) = server().await;
    server.faults().add(Fault { delay_ms: Some(3_600_000), ..Fault::default() });

    let request = reqwest::Client::new().get(format!("{}/models", server.url())).timeout(Duration::from_millis(20));
    let error = request.send().await.unwrap_err();

    assert!(error.is_timeout(), "{error:?}");
    assert!(exchange(&server, |exchange| exchange.left).await.status.is_none());
}

#[tokio::test]
async fn latency_holds_answers_back() {
    let delay = Duration::from_millis(30);
    let server = standins::model().with_embedding_delay(delay).run().await.unwrap();
    let started = std::time::Instant::now();

    client(&server, "any").embeddings().create(embedding("slowly")).await.unwrap();

    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn keys_are_checked_and_never_repeated() {
    let server = standins::model().with_api_key("sk-right").run().await.unwrap();

    let wrong = client(&server, "sk-wrong").embeddings().create(embedding("hello")).await.unwrap_err();
    let right = client(&server, "sk-right").embeddings().create(embedding("hello")).await;
    let none = reqwest::get(format!("{}/models", server.url())).await.unwrap();

    let OpenAIError::ApiError(answer) = wrong else { panic!("{wrong:?}") };
    assert_eq!(answer.api_error.code.as_deref(), Some("invalid_api_key"));
    assert!(!answer.api_error.message.contains("sk-wrong"));
    assert!(right.is_ok());
    assert_eq!(none.status(), 401);
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let (server, _client) = server().await;
    let message = json!([{"role": "user", "content": "hi"}]);

    for (path, body, status, wanted) in [
        ("/embeddings", "{".to_owned(), 400, "could not parse the JSON body"),
        ("/embeddings", json!({"input": "x"}).to_string(), 400, "missing field `model`"),
        ("/embeddings", json!({"model": "m", "input": 5}).to_string(), 400, "'input' must be"),
        ("/embeddings", json!({"model": "m", "input": []}).to_string(), 400, "empty array"),
        ("/embeddings", json!({"model": "m", "input": ["a", ""]}).to_string(), 400, "empty string"),
        ("/embeddings", json!({"model": "m", "input": "a", "dimensions": 0}).to_string(), 400, "dimensions"),
        ("/chat/completions", json!({"model": "m", "messages": []}).to_string(), 400, "empty array"),
        (
            "/chat/completions",
            json!({"model": "m", "messages": message, "temperature": 3}).to_string(),
            400,
            "temperature",
        ),
        ("/chat/completions", json!({"model": "m", "messages": message, "n": 2}).to_string(), 400, "does not support"),
        ("/completions", "{}".to_owned(), 404, "Invalid URL (POST /v1/completions)"),
        ("/models", "{}".to_owned(), 405, "Not allowed to POST"),
    ] {
        let (got, answer) = post(&server, path, &body).await;
        let text = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(got, status, "{body}: {answer}");
        assert!(text.contains(wanted), "{body}: {text}");
        assert_eq!(answer["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test]
async fn models_are_listed() {
    let (server, _client) = server().await;
    let get = |path: &str| reqwest::Client::new().get(format!("{}{path}", server.url())).bearer_auth("any").send();

    let all: Value = get("/models").await.unwrap().json().await.unwrap();
    let one: Value = get("/models/gpt-4o-mini").await.unwrap().json().await.unwrap();
    let none = get("/models/gpt-0").await.unwrap();

    assert!(all["data"].as_array().unwrap().iter().any(|model| model["id"] == "text-embedding-3-large"));
    assert_eq!(one["id"], "gpt-4o-mini");
    assert_eq!(none.status(), 404);
}

#[tokio::test]
async fn a_mock_of_the_users_own_comes_first() {
    let (server, client) = server().await;
    let body = json!({"object": "list", "model": "mine", "data": [], "usage": {"prompt_tokens": 7, "total_tokens": 7}});
    let mock = Mock::given(method("POST")).and(path("/v1/embeddings"));
    mock.respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(server.mocks()).await;

    let answer = client.embeddings().create(embedding("hello")).await.unwrap();

    assert_eq!(answer.model, "mine");
    assert_eq!(server.exchanges()[0].facts.get("embedding_tokens"), Some(&7.0));
}

#[tokio::test]
async fn remembered_answers_are_the_same_to_the_byte() {
    let server = standins::model().with_remembered_answers(true).with_exchanges(false).run().await.unwrap();
    let client = client(&server, "any");

    let first = client.chat().create(chat(CONTEXT)).await.unwrap();
    let second = client.chat().create(chat(CONTEXT)).await.unwrap();
    let other = client.chat().create(chat("Question: What does a span record?")).await.unwrap();

    assert_eq!(first, second);
    assert_ne!(first.id, other.id);
    assert!(server.exchanges().is_empty());
}

#[tokio::test]
async fn every_request_is_recorded_with_headers_and_bodies() {
    let (server, client) = server().await;

    client.embeddings().create(embedding("remember this")).await.unwrap();

    let exchange = server.exchanges().remove(0);
    assert_eq!(
        (exchange.by, exchange.method.as_str(), exchange.path.as_str()),
        (Party::Model, "POST", "/v1/embeddings")
    );
    assert_eq!(exchange.request_headers["authorization"], "Bearer sk-test");
    assert!(exchange.request_body.contains("remember this"));
    assert!(exchange.response_body.contains("text-embedding-3-large"));
    assert!(exchange.start > 0 && exchange.start <= exchange.end);
}

#[tokio::test]
async fn dropping_the_handle_closes_the_port() {
    let (server, client) = server().await;
    client.embeddings().create(embedding("hello")).await.unwrap();
    assert!(server.connections() >= 1);
    let address = server.url().replace("http://", "").replace("/v1", "");

    drop(server);

    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}
