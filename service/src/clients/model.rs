//! The model server: embeddings and chat.

use std::{sync::Arc, time::Duration};

use async_openai::{
    Client,
    config::{Config as OpenAIClientConfig, OpenAIConfig},
    error::OpenAIError,
    types::{
        chat::{
            ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
            ChatCompletionResponseStream, ChatCompletionStreamOptions, CompletionUsage, CreateChatCompletionRequest,
            CreateChatCompletionResponse, CreateChatCompletionStreamResponse, FinishReason,
        },
        embeddings::{CreateEmbeddingRequest, CreateEmbeddingResponse, EmbeddingInput},
    },
};
use futures::StreamExt as _;
use tokio::time::Instant;

use super::{
    Completion, DependencyError, Endpoint, Prompt, TokenUsage, Vectors, http,
    model_http::{Attempts, transport_error},
};
use crate::{
    config::ModelConfig,
    telemetry::{Running, Telemetry, interned, spans},
    usage::UsageMonitor,
};

/// What telemetry repeats in every call.
struct Calls {
    chat: &'static spans::ChatCall,
    chat_stream: &'static spans::ChatCall,
    embeddings: &'static spans::EmbeddingsCall,
    targets: spans::Targets,
}

/// The client of the model server.
pub(crate) struct Model {
    http: reqwest::Client,
    openai: Arc<dyn OpenAIClientConfig>,
    server: Endpoint,
    /// The chat model's name.
    chat: &'static str,
    /// The embedding model's name.
    embedding: &'static str,
    calls: Calls,
    config: ModelConfig,
    telemetry: Telemetry,
    usage: Arc<UsageMonitor>,
}

impl Model {
    pub(crate) fn new(
        config: ModelConfig,
        telemetry: Telemetry,
        usage: Arc<UsageMonitor>,
    ) -> Result<Self, reqwest::Error> {
        let base = config.base_url.as_str().trim_end_matches('/').to_owned();
        let openai = OpenAIConfig::new().with_api_key(config.api_key.clone()).with_api_base(base);
        let server = Endpoint::of(&config.base_url, 443);
        Ok(Self {
            http: http::client()?,
            openai: Arc::new(openai),
            server,
            chat: interned(&config.chat_model),
            embedding: interned(&config.embedding_model),
            calls: Calls {
                chat: spans::ChatCall::new(&config, server, false),
                chat_stream: spans::ChatCall::new(&config, server, true),
                embeddings: spans::EmbeddingsCall::new(&config.embedding_model, server),
                targets: spans::Targets::new(),
            },
            config,
            telemetry,
            usage,
        })
    }

    pub(crate) fn embedding_model(&self) -> &'static str {
        self.embedding
    }

    pub(crate) fn chat_model(&self) -> &'static str {
        self.chat
    }

    pub(crate) fn server(&self) -> &Endpoint {
        &self.server
    }

    /// The vectors of some texts, in their order.
    pub(crate) async fn embed(&self, texts: Vec<String>) -> Result<Vectors, DependencyError> {
        let model = self.embedding_model();
        let span = spans::Embeddings::new(self.calls.embeddings);
        let request = CreateEmbeddingRequest {
            model: model.to_owned(),
            input: EmbeddingInput::StringArray(texts),
            ..CreateEmbeddingRequest::default()
        };
        let recording = self.usage.embedding_call(model);
        let call = async {
            let deadline = self.deadline();
            let client = self.client(deadline);
            let expected = match &request.input {
                EmbeddingInput::StringArray(texts) => texts.len(),
                _ => 1,
            };
            let response = within(deadline, client.embeddings().create(request)).await?;
            read_vectors(response, expected)
        };
        let result = self.telemetry.observe(span, call).await;
        recording.ended(result.as_ref().ok().map(|vectors| vectors.tokens));
        result
    }

    /// A whole answer.
    pub(crate) async fn chat(&self, prompt: &Prompt) -> Result<Completion, DependencyError> {
        let recording = self.usage.chat_call(self.chat_model());
        let call = async {
            let deadline = self.deadline();
            let client = self.client(deadline);
            let response = within(deadline, client.chat().create(self.chat_request(prompt, false))).await?;
            read_completion(response)
        };
        let result = self.telemetry.observe(self.chat_span(prompt, false), Box::pin(call)).await;
        recording.ended(&result);
        result
    }

    /// An answer piece by piece. Dropping it ends the call.
    pub(crate) async fn chat_stream(&self, prompt: &Prompt) -> Result<ChatStream, DependencyError> {
        let recording = self.usage.chat_call(self.chat_model());
        let running = self.telemetry.start(self.chat_span(prompt, true));
        let started = Instant::now();
        let deadline = self.deadline();
        let client = self.client(deadline);
        let chat = client.chat();
        let opening = within(deadline, chat.create_stream(self.chat_request(prompt, true)));
        match running.within(opening).await {
            Ok(chunks) => Ok(ChatStream {
                chunks,
                completion: Completion::default(),
                patience: self.config.timeout,
                started,
                running,
                recording,
            }),
            Err(error) => {
                running.fail(&error);
                recording.failed();
                Err(error)
            }
        }
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.config.timeout
    }

    /// A client for one call, whose attempts share the call's deadline.
    fn client(&self, deadline: Instant) -> Client<Arc<dyn OpenAIClientConfig>> {
        Client::build(self.http.clone(), Arc::clone(&self.openai)).with_http_service(Attempts {
            http: self.http.clone(),
            telemetry: self.telemetry,
            targets: self.calls.targets,
            usage: Arc::clone(&self.usage),
            deadline,
            max_retries: self.config.max_retries,
        })
    }

    fn chat_request(&self, prompt: &Prompt, stream: bool) -> CreateChatCompletionRequest {
        CreateChatCompletionRequest {
            model: self.config.chat_model.clone(),
            messages: vec![
                ChatCompletionRequestMessage::System(ChatCompletionRequestSystemMessage::from(prompt.system.as_str())),
                ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage::from(prompt.user.as_str())),
            ],
            #[expect(clippy::cast_possible_truncation, reason = "a number from 0 to 2, for which the API has f32")]
            temperature: Some(self.config.temperature as f32),
            max_completion_tokens: Some(self.config.max_tokens),
            stream: stream.then_some(true),
            stream_options: stream
                .then_some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None }),
            ..CreateChatCompletionRequest::default()
        }
    }

    fn chat_span(&self, prompt: &Prompt, stream: bool) -> spans::Chat {
        spans::Chat {
            call: if stream { self.calls.chat_stream } else { self.calls.chat },
            prompt: self.telemetry.captures_content().then(|| prompt.clone()),
            first_chunk_after: None,
            answer: None,
        }
    }
}

/// A streamed answer.
pub(crate) struct ChatStream {
    /// Dropped first: the call ends before its span does.
    chunks: ChatCompletionResponseStream,
    completion: Completion,
    patience: Duration,
    started: Instant,
    running: Running<spans::Chat>,
    recording: crate::usage::ChatRecording,
}

impl ChatStream {
    /// The next piece of text; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<String>, DependencyError> {
        loop {
            let chunk = match tokio::time::timeout(self.patience, self.chunks.next()).await {
                Err(_) => return Err(DependencyError::Timeout),
                Ok(Some(Err(error))) => return Err(dependency_error(&error)),
                Ok(Some(Ok(chunk))) => chunk,
                // A stream that ends before the model said why it stopped was cut.
                Ok(None) if self.completion.finish_reasons.is_empty() => return Err(DependencyError::Unavailable),
                Ok(None) => return Ok(None),
            };
            if let Some(span) = self.running.operation() {
                span.first_chunk_after.get_or_insert_with(|| self.started.elapsed());
            }
            if let Some(text) = self.take(chunk) {
                return Ok(Some(text));
            }
        }
    }

    /// Ends the call with what `next` gave last.
    pub(crate) fn finish(self, result: Result<(), DependencyError>) -> Result<Completion, DependencyError> {
        let Self { chunks, completion, running, recording, .. } = self;
        drop(chunks);
        let result = result.map(|()| completion);
        recording.ended(&result);
        running.finish(&result);
        result
    }

    /// The text of a chunk, if it has any; the rest is noted.
    fn take(&mut self, chunk: CreateChatCompletionStreamResponse) -> Option<String> {
        let completion = &mut self.completion;
        if completion.id.is_empty() {
            completion.id = chunk.id;
            completion.model = chunk.model;
        }
        completion.usage = chunk.usage.as_ref().map(token_usage).or(completion.usage);
        let choice = chunk.choices.into_iter().next()?;
        completion.finish_reasons.extend(choice.finish_reason.map(finish_reason));
        let text = choice.delta.content.filter(|text| !text.is_empty())?;
        completion.text.push_str(&text);
        Some(text)
    }
}

async fn within<T>(
    deadline: Instant,
    call: impl Future<Output = Result<T, OpenAIError>>,
) -> Result<T, DependencyError> {
    // Boxed: the generated requests are kilobytes, and every caller's future would hold them.
    match tokio::time::timeout_at(deadline, Box::pin(call)).await {
        Ok(result) => result.map_err(|error| dependency_error(&error)),
        Err(_) => Err(DependencyError::Timeout),
    }
}

fn dependency_error(error: &OpenAIError) -> DependencyError {
    match error {
        OpenAIError::Boxed(error) => {
            error.downcast_ref::<DependencyError>().cloned().unwrap_or(DependencyError::Unavailable)
        }
        OpenAIError::Reqwest(error) => transport_error(error),
        // The stream's reader wraps a cut connection and an unreadable event in the same error.
        OpenAIError::StreamError(_) => DependencyError::Unavailable,
        _ => DependencyError::Malformed,
    }
}

fn read_vectors(response: CreateEmbeddingResponse, expected: usize) -> Result<Vectors, DependencyError> {
    let mut data = response.data;
    data.sort_by_key(|item| item.index);
    let vectors: Vec<Vec<f32>> = data.into_iter().map(|item| item.embedding).collect();
    let dimension = vectors.first().map_or(0, Vec::len);
    if vectors.len() != expected || dimension == 0 || vectors.iter().any(|vector| vector.len() != dimension) {
        return Err(DependencyError::Malformed);
    }
    Ok(Vectors { items: vectors, model: response.model, tokens: u64::from(response.usage.prompt_tokens) })
}

fn read_completion(response: CreateChatCompletionResponse) -> Result<Completion, DependencyError> {
    let choice = response.choices.into_iter().next().ok_or(DependencyError::Malformed)?;
    Ok(Completion {
        text: choice.message.content.or(choice.message.refusal).unwrap_or_default(),
        id: response.id,
        model: response.model,
        finish_reasons: choice.finish_reason.map(finish_reason).into_iter().collect(),
        usage: response.usage.as_ref().map(token_usage),
    })
}

fn token_usage(usage: &CompletionUsage) -> TokenUsage {
    TokenUsage { prompt: u64::from(usage.prompt_tokens), completion: u64::from(usage.completion_tokens) }
}

fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::Stop => "stop",
        FinishReason::Length => "length",
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::FunctionCall => "function_call",
    }
}
