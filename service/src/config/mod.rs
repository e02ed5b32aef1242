//! Every setting of the service, read once at the start from a [`Source`].

mod error;
mod source;
mod telemetry;

use std::time::Duration;

use reqwest::Url;

use self::source::Reader;
pub use self::{
    error::ConfigError,
    source::Source,
    telemetry::{BatchConfig, OtlpConfig, OtlpProtocol, Propagator, SamplerKind, TelemetryConfig, TelemetryPipeline},
};

const DEFAULT_SYSTEM_PROMPT: &str = "You answer questions from the numbered passages you are given, and from nothing else. \
Name the passages you used by their numbers. If they do not hold the answer, say that you do not know.";

/// Every setting.
#[derive(Debug, Clone)]
pub struct Config {
    /// `BIND_ADDRESS` (default `0.0.0.0:8001`); port 0 lets the system choose.
    pub bind_address: String,
    /// `MAX_BODY_BYTES` (default 1 MiB): a longer request body is answered with 413.
    pub max_body_bytes: usize,
    /// `SHUTDOWN_TIMEOUT_MS` (default 10 000): how long open requests may take to end.
    pub shutdown_timeout: Duration,
    /// `RUST_LOG` (default `info`): levels by target.
    pub log_filter: String,
    /// The model server.
    pub model: ModelConfig,
    /// The vector database.
    pub vectors: VectorsConfig,
    /// The cache.
    pub cache: CacheConfig,
    /// The remote reranker; without one the lexical reranker is used.
    pub reranker: Option<RerankerConfig>,
    /// How a question is answered.
    pub rag: RagConfig,
    /// Traces, metrics and logs.
    pub telemetry: TelemetryConfig,
}

/// The OpenAI-compatible model server.
#[derive(Clone)]
pub struct ModelConfig {
    /// `OPENAI_API_KEY` (default empty, for local servers that ask for none).
    pub api_key: String,
    /// `OPENAI_BASE_URL` (default `https://api.openai.com/v1`).
    pub base_url: Url,
    /// `OPENAI_CHAT_MODEL` (default `gpt-4o-mini`).
    pub chat_model: String,
    /// `OPENAI_CHAT_TEMPERATURE` (default 0.3; 0 to 2).
    pub temperature: f64,
    /// `OPENAI_CHAT_MAX_TOKENS` (default 1000).
    pub max_tokens: u32,
    /// `OPENAI_EMBEDDING_MODEL` (default `text-embedding-3-large`).
    pub embedding_model: String,
    /// `OPENAI_TIMEOUT_MS` (default 30 000): a whole call with its retries; of a stream, the head and each chunk.
    pub timeout: Duration,
    /// `OPENAI_MAX_RETRIES` (default 2): attempts after the first.
    pub max_retries: u32,
}

/// Qdrant.
#[derive(Debug, Clone)]
pub struct VectorsConfig {
    /// `QDRANT_URL` (default `http://localhost:6334`): the gRPC port.
    pub url: Url,
    /// `QDRANT_API_KEY` (default none).
    pub api_key: Option<String>,
    /// `QDRANT_COLLECTION_NAME` (default `rag_documents`).
    pub collection: String,
    /// `QDRANT_TIMEOUT_MS` (default 5 000): one call.
    pub timeout: Duration,
}

/// Redis.
#[derive(Debug, Clone)]
pub struct CacheConfig {
    /// `REDIS_URL` (default `redis://localhost:6379`).
    pub url: Url,
    /// `REDIS_TIMEOUT_MS` (default 500): one command, connecting included.
    pub timeout: Duration,
}

/// A text-embeddings-inference server.
#[derive(Debug, Clone)]
pub struct RerankerConfig {
    /// `RERANKER_URL`: the server; `/rerank` is added unless it is there.
    pub url: Url,
    /// `RERANKER_TIMEOUT_MS` (default 5 000): one call.
    pub timeout: Duration,
}

/// How a question is answered.
#[derive(Debug, Clone)]
pub struct RagConfig {
    /// `RAG_SEARCH_LIMIT` (default 10): passages fetched from the vector database.
    pub search_limit: u64,
    /// `RAG_RERANK_TOP_K` (default 5): passages kept for the prompt.
    pub rerank_top_k: usize,
    /// `RAG_SYSTEM_PROMPT`: the instruction the model works under.
    pub system_prompt: String,
}

impl Config {
    /// Reads all settings.
    ///
    /// # Errors
    /// The first setting that cannot be used, by name, with what to write instead.
    pub fn from_source(source: &dyn Source) -> Result<Self, ConfigError> {
        let read = Reader(source);
        Ok(Self {
            bind_address: read.text_or("BIND_ADDRESS", "0.0.0.0:8001"),
            max_body_bytes: read.number("MAX_BODY_BYTES", 1024 * 1024, 1..=1024 * 1024 * 1024)?,
            shutdown_timeout: read.millis("SHUTDOWN_TIMEOUT_MS", 10_000)?,
            log_filter: read.text_or("RUST_LOG", "info"),
            model: model(&read)?,
            vectors: VectorsConfig {
                url: required(
                    read.url("QDRANT_URL", Some("http://localhost:6334"), &["http", "https"])?,
                    "QDRANT_URL",
                )?,
                api_key: read.text("QDRANT_API_KEY"),
                collection: read.text_or("QDRANT_COLLECTION_NAME", "rag_documents"),
                timeout: read.millis("QDRANT_TIMEOUT_MS", 5_000)?,
            },
            cache: CacheConfig {
                url: required(read.url("REDIS_URL", Some("redis://localhost:6379"), &["redis"])?, "REDIS_URL")?,
                timeout: read.millis("REDIS_TIMEOUT_MS", 500)?,
            },
            reranker: reranker(&read)?,
            rag: RagConfig {
                search_limit: read.number("RAG_SEARCH_LIMIT", 10, 1..=1_000)?,
                rerank_top_k: read.number("RAG_RERANK_TOP_K", 5, 1..=1_000)?,
                system_prompt: read.text_or("RAG_SYSTEM_PROMPT", DEFAULT_SYSTEM_PROMPT),
            },
            telemetry: TelemetryConfig::read(&read)?,
        })
    }
}

fn model(read: &Reader<'_>) -> Result<ModelConfig, ConfigError> {
    let api_key = read.text("OPENAI_API_KEY").unwrap_or_default();
    if http::HeaderValue::from_str(&api_key).is_err() {
        return Err(ConfigError::hidden(
            "OPENAI_API_KEY",
            "it has characters that no HTTP header may have; copy it again",
        ));
    }
    Ok(ModelConfig {
        api_key,
        base_url: required(
            read.url("OPENAI_BASE_URL", Some("https://api.openai.com/v1"), &["http", "https"])?,
            "OPENAI_BASE_URL",
        )?,
        chat_model: read.text_or("OPENAI_CHAT_MODEL", "gpt-4o-mini"),
        temperature: read.number("OPENAI_CHAT_TEMPERATURE", 0.3, 0.0..=2.0)?,
        max_tokens: read.number("OPENAI_CHAT_MAX_TOKENS", 1_000, 1..=1_000_000)?,
        embedding_model: read.text_or("OPENAI_EMBEDDING_MODEL", "text-embedding-3-large"),
        timeout: read.millis("OPENAI_TIMEOUT_MS", 30_000)?,
        max_retries: read.number("OPENAI_MAX_RETRIES", 2, 0..=10)?,
    })
}

fn reranker(read: &Reader<'_>) -> Result<Option<RerankerConfig>, ConfigError> {
    let Some(mut url) = read.url("RERANKER_URL", None, &["http", "https"])? else { return Ok(None) };
    let path = url.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/rerank") {
        url.set_path(&format!("{path}/rerank"));
    }
    Ok(Some(RerankerConfig { url, timeout: read.millis("RERANKER_TIMEOUT_MS", 5_000)? }))
}

fn required(url: Option<Url>, variable: &'static str) -> Result<Url, ConfigError> {
    url.ok_or_else(|| ConfigError::hidden(variable, "set it to a URL"))
}

impl std::fmt::Debug for ModelConfig {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModelConfig")
            .field("chat_model", &self.chat_model)
            .field("embedding_model", &self.embedding_model)
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .finish_non_exhaustive()
    }
}
