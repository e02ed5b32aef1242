//! An OpenAI-compatible model server: embeddings, chat, chat streaming, models.
//!
//! Answers are deterministic and make sense: texts that say similar things get near
//! vectors ([`Embedder`]), and a chat is answered with those sentences of its prompt that
//! say most about its question. Tokens are counted by a rule ([`count_tokens`]).
//!
//! What is answered comes from a [`wiremock`] server, which a test can add its own
//! mocks to ([`Model::mocks`]); how it travels, slowly, in pieces, or not at all, is the
//! business of a listener in front of it.
//!
//! Operations for [`Faults`](super::Faults): `embeddings`, `chat`, `models`. `cut` closes the
//! connection without an answer, `cut-after` breaks a stream after so many events.
//!
//! Facts of its exchanges: `embedding_tokens`, or `prompt_tokens` and `completion_tokens`, as far as the answer really
//! told them; `chunks`, the events of a stream that were sent.

mod answer;
mod api;
mod chat;
mod embed;
mod embeddings;
mod failure;
mod front;
mod memory;
mod mocks;
mod sse;
mod stem;
mod tokens;
mod usage;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use embed::Embedder;
pub use mocks::Mocks;
pub use tokens::count as count_tokens;
use wiremock::MockServer;

use super::StandIn;
use super::listen::listen_http;

/// A model server, ready to be started.
///
/// ```
/// use async_openai::config::OpenAIConfig;
/// use async_openai::types::embeddings::CreateEmbeddingRequestArgs;
/// use otelgate_harness::standins;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let model = standins::model().run().await?;
///
/// let config = OpenAIConfig::new().with_api_base(model.url()).with_api_key("any");
/// let client = async_openai::Client::with_config(config);
/// let request = CreateEmbeddingRequestArgs::default().model("text-embedding-3-small").input("hello").build()?;
/// let answer = client.embeddings().create(request).await?;
///
/// assert_eq!(answer.data[0].embedding.len(), 256);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn model() -> Builder {
    Builder::new(Settings {
        api: api::Settings { dimensions: 256, api_key: None, answer_suffix: String::new() },
        latency: front::Latency::default(),
        remember_answers: false,
    })
}

/// A model stand-in to be started; see [`model`].
pub type Builder = super::Builder<Settings>;

/// A running model stand-in. Its [`url`](super::StandIn::url) is the base URL for clients, as in `OPENAI_BASE_URL`:
/// `http://127.0.0.1:…/v1`.
pub type Model = StandIn<Arc<Mocks>>;

/// What is said to a model stand-in alone.
#[derive(Debug)]
pub struct Settings {
    api: api::Settings,
    latency: front::Latency,
    remember_answers: bool,
}

impl Builder {
    /// Length of an embedding if the request does not say; 256 unless set.
    pub fn with_dimensions(mut self, dimensions: usize) -> Self {
        self.own.api.dimensions = dimensions.max(1);
        self
    }

    /// The only key accepted; any key unless set.
    pub fn with_api_key(mut self, key: impl Into<String>) -> Self {
        self.own.api.api_key = Some(key.into());
        self
    }

    /// Text at the end of every chat answer, for example a secret that must appear nowhere else.
    pub fn with_answer_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.own.api.answer_suffix = suffix.into();
        self
    }

    /// How long every embeddings request takes at least; zero unless set.
    pub fn with_embedding_delay(mut self, delay: Duration) -> Self {
        self.own.latency.embeddings = delay;
        self
    }

    /// How long a chat takes at least before its first byte; zero unless set.
    pub fn with_chat_delay(mut self, delay: Duration) -> Self {
        self.own.latency.chat = delay;
        self
    }

    /// How long passes between two events of a streamed chat; zero unless set.
    pub fn with_chunk_delay(mut self, delay: Duration) -> Self {
        self.own.latency.chunk = delay;
        self
    }

    /// Whether a request seen before gets the very same answer again, id included, without asking [the mocks](Model::mocks).
    /// Off unless set; for load, where an answer must cost next to nothing.
    pub fn with_remembered_answers(mut self, remember: bool) -> Self {
        self.own.remember_answers = remember;
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// If its port cannot be bound.
    pub async fn run(self) -> io::Result<Model> {
        let (address, desk, own) = self.open();
        let mocks = Arc::new(Mocks::start(own.api).await);
        let front = front::Front::new(Arc::clone(&mocks), own.latency, own.remember_answers, desk.clone())?;
        let listening = listen_http(address, front.router()).await?;
        let url = format!("http://{}/v1", listening.address());
        Ok(StandIn::new(listening, url, desk, mocks))
    }
}

impl Model {
    /// The server that decides what is answered. Mocks mounted here come before the stand-in's own; an answer of
    /// type `text/event-stream` is sent event by event.
    #[must_use]
    pub fn mocks(&self) -> &MockServer {
        self.own.share()
    }
}
