//! The service: its dependencies put together, and its life from the first connection to the last.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use axum::{ServiceExt as _, extract::Request, response::Response, serve::ListenerExt as _};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::util::Either;

use crate::{
    api::{self, Api, Service},
    clients::{Cache, Model, Reranker, VectorStore, VectorsError},
    config::Config,
    pipeline::Pipeline,
    telemetry::Telemetry,
    usage::UsageMonitor,
};

/// How long requests that were cut off have to end.
const CUT_OFF_TIMEOUT: Duration = Duration::from_secs(1);

/// The service, ready to run.
pub struct App {
    service: Service,
    cut: CancellationToken,
    shutdown_timeout: Duration,
}

/// A dependency's client that cannot be made from its settings. Whether the dependency is up does not matter here.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The client of the model server or of the reranker.
    #[error("the HTTP client cannot be made")]
    Http(#[from] reqwest::Error),
    /// The client of Qdrant.
    #[error("the client of Qdrant cannot be made: check QDRANT_URL and QDRANT_API_KEY")]
    Vectors(#[from] VectorsError),
    /// The client of Redis.
    #[error("the client of Redis cannot be made: check REDIS_URL")]
    Cache(#[from] redis::RedisError),
}

impl App {
    /// Puts the service together; connects to nothing. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// A client that cannot be made.
    pub fn new(config: &Config, telemetry: &Telemetry) -> Result<Self, AppError> {
        let usage = Arc::new(UsageMonitor::new(*telemetry));
        let reranker = config.reranker.clone().map(|reranker| Reranker::new(reranker, *telemetry)).transpose()?;
        let pipeline = Pipeline {
            config: config.rag.clone(),
            model: Model::new(config.model.clone(), *telemetry, Arc::clone(&usage))?,
            vectors: VectorStore::new(&config.vectors, *telemetry)?,
            cache: Cache::new(&config.cache, *telemetry)?,
            reranker,
            telemetry: *telemetry,
            usage,
        };
        let cut = CancellationToken::new();
        let api = Api { pipeline: Arc::new(pipeline), max_body_bytes: config.max_body_bytes, cut: cut.clone() };
        Ok(Self { service: api::service(api), cut, shutdown_timeout: config.shutdown_timeout })
    }

    /// What answers requests, for a test without a socket.
    pub fn service(&self) -> Service {
        self.service.clone()
    }

    /// Answers requests until `shutdown` ends, then takes no more, lets open ones end within the shutdown timeout, and
    /// cuts off the rest. The caller owns the socket, the stop signal and the telemetry that is to be flushed after.
    ///
    /// # Errors
    /// If the socket fails.
    pub async fn run(self, listener: TcpListener, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
        let end = End { cut: self.cut, timeout: self.shutdown_timeout };
        match self.service {
            Either::Left(observed) => end.serve(listener, observed, shutdown).await,
            Either::Right(router) => end.serve(listener, router, shutdown).await,
        }
    }
}

/// How serving ends.
struct End {
    cut: CancellationToken,
    timeout: Duration,
}

impl End {
    async fn serve<S>(
        self,
        listener: TcpListener,
        service: S,
        shutdown: impl Future<Output = ()>,
    ) -> std::io::Result<()>
    where
        S: tower::Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
    {
        let stopping = CancellationToken::new();
        let graceful = stopping.clone().cancelled_owned();
        // A streamed answer is many small writes: with Nagle's algorithm each would wait for the client's delayed
        // acknowledgement, 40 ms.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = axum::serve(listener, service.into_make_service()).with_graceful_shutdown(graceful);
        let mut serving = std::pin::pin!(serving.into_future());
        tokio::select! {
            result = &mut serving => return result,
            () = shutdown => {}
        }

        tracing::info!("shutting down: taking no more requests, letting open ones end");
        stopping.cancel();
        if let Ok(result) = tokio::time::timeout(self.timeout, &mut serving).await {
            return result;
        }
        let timeout_ms = u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(timeout_ms, "requests are still open after the shutdown timeout, cutting them off");
        self.cut.cancel();
        // Connections that still do not end are dropped with the runtime.
        tokio::time::timeout(CUT_OFF_TIMEOUT, serving).await.unwrap_or(Ok(()))
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("shutdown_timeout", &self.shutdown_timeout).finish_non_exhaustive()
    }
}
