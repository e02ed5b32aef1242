//! How a request reaches a collector: OTLP over gRPC or over HTTP, with its retries
//! (<https://opentelemetry.io/docs/specs/otlp/>).

mod carried;
mod grpc;
mod http;
mod retry;

use std::{sync::Arc, time::Duration};

use ::http::{HeaderMap, Uri};
use bytes::{Buf as _, Bytes};
use opentelemetry_http::HttpClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message as _;

use self::retry::Retry;
use crate::stats::Signal;

/// Where telemetry goes, and how.
///
/// The defaults are the specification's: gRPC to `http://localhost:4317`, ten seconds for an export with its retries, no
/// compression.
#[derive(Clone)]
pub struct Otlp {
    pub(crate) protocol: Protocol,
    endpoint: String,
    headers: HeaderMap,
    timeout: Duration,
    compression: Option<Compression>,
    client: Option<Arc<dyn HttpClient>>,
}

/// How OTLP travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC.
    Grpc,
    /// Protobuf over HTTP/1.1.
    HttpProtobuf,
}

/// How requests are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// gzip, at the level its library has as default.
    Gzip,
}

/// Why an exporter cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The endpoint is not a URL with `http://` or `https://` and a host. It is not repeated: it may hold a password.
    #[error("the OTLP endpoint is no URL with `http://` or `https://` and a host")]
    Endpoint,
    /// The HTTP client cannot be made.
    #[error("the OTLP exporter's HTTP client cannot be made")]
    Http(#[source] reqwest::Error),
    /// The gRPC client cannot be made.
    #[error("the OTLP exporter's gRPC client cannot be made")]
    Grpc(#[source] tonic::transport::Error),
    /// The exporter's thread cannot be started.
    #[error("the OTLP exporter's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl Otlp {
    /// OTLP over gRPC to `endpoint`, for example `http://localhost:4317`.
    #[must_use]
    pub fn grpc(endpoint: impl Into<String>) -> Self {
        Self::new(Protocol::Grpc, endpoint.into())
    }

    /// OTLP over HTTP to `endpoint`, for example `http://localhost:4318`: a base, to which the signal's path
    /// (`/v1/traces`, `/v1/logs`) is added.
    #[must_use]
    pub fn http(endpoint: impl Into<String>) -> Self {
        Self::new(Protocol::HttpProtobuf, endpoint.into())
    }

    fn new(protocol: Protocol, endpoint: String) -> Self {
        let timeout = Duration::from_secs(10);
        Self { protocol, endpoint, headers: HeaderMap::new(), timeout, compression: None, client: None }
    }

    /// Headers, or gRPC metadata, of every request.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// How long an export may take, its retries included (default 10 s).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Compresses requests (default: not).
    #[must_use]
    pub fn with_compression(mut self, compression: Option<Compression>) -> Self {
        self.compression = compression;
        self
    }

    /// Has requests carried by the caller's client instead of a network of ours. Over HTTP only.
    #[must_use]
    pub fn with_http_client(mut self, client: Arc<dyn HttpClient>) -> Self {
        self.client = Some(client);
        self
    }

    /// Everything that can be wrong is found here; connecting waits for the exporter's thread.
    pub(crate) fn connector(&self, signal: Signal) -> Result<Connector, TransportError> {
        let endpoint: Uri = self.endpoint.parse().map_err(|_| TransportError::Endpoint)?;
        if !matches!(endpoint.scheme_str(), Some("http" | "https")) || endpoint.host().is_none_or(str::is_empty) {
            return Err(TransportError::Endpoint);
        }
        // `http` takes any text for a port; each request would fail.
        reqwest::Url::parse(&self.endpoint).map_err(|_| TransportError::Endpoint)?;
        if endpoint.scheme_str() == Some("https") {
            // Whoever installed another one before keeps it.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let route = match (self.protocol, &self.client) {
            (Protocol::Grpc, _) => Route::Grpc(grpc::Connector::new(self, signal)?),
            (Protocol::HttpProtobuf, None) => Route::Http(http::Http::new(self, signal)?),
            (Protocol::HttpProtobuf, Some(client)) => {
                let (client, url, headers) = (Arc::clone(client), self.url(signal), self.headers.clone());
                Route::Carried(carried::Carried::new(client, url, headers, self.compression))
            }
        };
        Ok(Connector { route, timeout: self.timeout })
    }

    fn url(&self, signal: Signal) -> String {
        format!("{}/v1/{}", self.endpoint.trim_end_matches('/'), signal.name())
    }
}

/// Without endpoint and headers: they may hold credentials.
impl std::fmt::Debug for Otlp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Otlp").field("protocol", &self.protocol).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

/// A transport that is about to connect.
pub(crate) struct Connector {
    route: Route<grpc::Connector>,
    timeout: Duration,
}

/// A transport.
pub(crate) struct Sender {
    route: Route<grpc::Grpc>,
    timeout: Duration,
}

enum Route<G> {
    Grpc(G),
    Http(http::Http),
    Carried(carried::Carried),
}

impl Connector {
    /// Needs a runtime around it.
    pub(crate) fn connect(self) -> Sender {
        let route = match self.route {
            Route::Grpc(connector) => Route::Grpc(connector.connect()),
            Route::Http(http) => Route::Http(http),
            Route::Carried(carried) => Route::Carried(carried),
        };
        Sender { route, timeout: self.timeout }
    }
}

/// An encoded request, in parts that stay where they are.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    parts: Vec<Bytes>,
    length: usize,
}

impl Message {
    pub(crate) fn new(parts: Vec<Bytes>) -> Self {
        let length = parts.iter().map(Bytes::len).sum();
        Self { parts, length }
    }

    /// The parts as one.
    fn joined(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.length);
        self.parts.iter().for_each(|part| all.extend_from_slice(part));
        all
    }
}

/// Why a batch is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nobody took it in time.
    Timeout,
    /// The collector refused it, or cannot be reached.
    Refused,
}

impl Failure {
    /// `error.type` of the export metrics.
    pub(crate) fn error_type(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Refused => "export_failed",
        }
    }
}

/// What became of one attempt.
enum Attempt {
    /// Taken, but for this many items.
    Taken(u64),
    /// Refused in a way that may pass, with the delay the collector asked for.
    Again(Option<Duration>),
    /// Refused for good.
    Refused,
}

impl Sender {
    /// Sends a message, and again while the collector says that it helps and the timeout allows. Gives the number of
    /// items that it took the message without.
    ///
    /// An attempt whose answer is lost may have been taken: sending it again can then make it arrive twice, as with every
    /// OTLP exporter.
    pub(crate) async fn send(&self, message: Message) -> Result<u64, Failure> {
        let deadline = tokio::time::Instant::now() + self.timeout;
        let mut retry = Retry::default();
        loop {
            let attempt = tokio::time::timeout_at(deadline, self.attempt(message.clone())).await;
            let asked = match attempt {
                Ok(Attempt::Taken(rejected)) => return Ok(rejected),
                Ok(Attempt::Refused) => return Err(Failure::Refused),
                Ok(Attempt::Again(asked)) => asked,
                Err(_) => return Err(Failure::Timeout),
            };
            let again = tokio::time::Instant::now() + retry.delay(asked);
            if again >= deadline {
                return Err(Failure::Refused);
            }
            tokio::time::sleep_until(again).await;
        }
    }

    async fn attempt(&self, message: Message) -> Attempt {
        match &self.route {
            Route::Grpc(grpc) => grpc.attempt(message).await,
            Route::Http(http) => http.attempt(message).await,
            Route::Carried(carried) => carried.attempt(message).await,
        }
    }
}

/// How many items a collector took a request without. The answers to spans and to logs have the same fields.
///
/// An answer that cannot be read says nothing: the status said that the request was taken.
fn rejected(answer: Bytes) -> u64 {
    if !answer.has_remaining() {
        return 0;
    }
    let partial = ExportTraceServiceResponse::decode(answer).ok().and_then(|answer| answer.partial_success);
    partial.map_or(0, |partial| u64::try_from(partial.rejected_spans).unwrap_or(0))
}
