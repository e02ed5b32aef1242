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
//! Operations for [`Faults`]: `embeddings`, `chat`, `models`. `cut` closes the
//! connection without an answer, `cut-after` breaks a stream after so many events.

mod answer;
mod api;
mod chat;
mod embed;
mod embeddings;
mod failure;
mod front;
mod memory;
mod sse;
mod stem;
mod tokens;
mod usage;

use std::io;
use std::sync::Arc;
use std::time::Duration;

pub use embed::Embedder;
pub use tokens::count as count_tokens;
use wiremock::MockServer;

use super::Faults;
use super::listen::{Listening, listen_http};
use super::record::Recorder;
use crate::capture::Exchange;

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
    Builder {
        api: api::Settings { dimensions: 256, api_key: None, answer_suffix: String::new() },
        latency: front::Latency::default(),
        remember_answers: false,
        faults: Faults::default(),
        keep_exchanges: true,
    }
}

/// Settings of a model stand-in; see [`model`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    api: api::Settings,
    latency: front::Latency,
    remember_answers: bool,
    faults: Faults,
    keep_exchanges: bool,
}

impl Builder {
    /// Length of an embedding if the request does not say; 256 unless set.
    pub fn with_dimensions(mut self, dimensions: usize) -> Self {
        self.api.dimensions = dimensions.max(1);
        self
    }

    /// The only key accepted; any key unless set.
    pub fn with_api_key(mut self, key: impl Into<String>) -> Self {
        self.api.api_key = Some(key.into());
        self
    }

    /// Text at the end of every chat answer, for example a secret that must appear nowhere else.
    pub fn with_answer_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.api.answer_suffix = suffix.into();
        self
    }

    /// How long every embeddings request takes at least; zero unless set.
    pub fn with_embedding_delay(mut self, delay: Duration) -> Self {
        self.latency.embeddings = delay;
        self
    }

    /// How long a chat takes at least before its first byte; zero unless set.
    pub fn with_chat_delay(mut self, delay: Duration) -> Self {
        self.latency.chat = delay;
        self
    }

    /// How long passes between two events of a streamed chat; zero unless set.
    pub fn with_chunk_delay(mut self, delay: Duration) -> Self {
        self.latency.chunk = delay;
        self
    }

    /// Whether a request seen before gets the very same answer again, id included, without asking [the mocks](Model::mocks).
    /// Off unless set; for load, where an answer must cost next to nothing.
    pub fn with_remembered_answers(mut self, remember: bool) -> Self {
        self.remember_answers = remember;
        self
    }

    /// Shows these faults, which may be shared with other stand-ins; none unless set.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Whether to remember every request (the default). Turn it off under load: memory grows with each.
    pub fn with_exchanges(mut self, keep: bool) -> Self {
        self.keep_exchanges = keep;
        self
    }

    /// Starts the server on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn run(self) -> io::Result<Model> {
        let mocks = MockServer::builder().disable_request_recording().start().await;
        api::mount(&mocks, Arc::new(self.api)).await;

        let faults = self.faults;
        let recorder = Recorder::new(self.keep_exchanges);
        let front =
            front::Front::new(mocks.uri(), self.latency, self.remember_answers, faults.clone(), recorder.clone())?;
        Ok(Model { listening: listen_http(front.router()).await?, mocks, faults, recorder })
    }
}

/// A running model stand-in. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct Model {
    listening: Listening,
    mocks: MockServer,
    faults: Faults,
    recorder: Recorder,
}

impl Model {
    /// The base URL for clients, as in `OPENAI_BASE_URL`: `http://127.0.0.1:…/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/v1", self.listening.address())
    }

    /// The server that decides what is answered. Mocks mounted here come before the stand-in's own; an answer of
    /// type `text/event-stream` is sent event by event.
    #[must_use]
    pub fn mocks(&self) -> &MockServer {
        &self.mocks
    }

    /// The faults it is told to show.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every request answered so far, oldest first. Facts: `embedding_tokens`, or `prompt_tokens` and
    /// `completion_tokens`, as far as the answer really told them; `chunks`, the events of a stream that were sent.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.recorder.snapshot()
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }
}
