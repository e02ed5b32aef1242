//! A text-embeddings-inference server that reranks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{DependencyError, Endpoint, http, model_http::transport_error};
use crate::{
    config::RerankerConfig,
    telemetry::{Telemetry, spans},
};

/// The client of the reranking server.
pub(crate) struct Reranker {
    http: reqwest::Client,
    url: reqwest::Url,
    timeout: Duration,
    targets: spans::Targets,
    telemetry: Telemetry,
}

/// The relevance of one of the texts.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct Relevance {
    pub(crate) index: usize,
    pub(crate) score: f64,
}

#[derive(Serialize)]
struct Request<'a> {
    query: &'a str,
    texts: &'a [&'a str],
    /// A text longer than the model's window is cut, not refused.
    truncate: bool,
}

impl Reranker {
    pub(crate) fn new(config: RerankerConfig, telemetry: Telemetry) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client()?,
            url: config.url,
            timeout: config.timeout,
            targets: spans::Targets::new(),
            telemetry,
        })
    }

    pub(crate) fn server(&self) -> Endpoint {
        Endpoint::of(&self.url, 80)
    }

    /// How well each text answers the question, in no order.
    pub(crate) async fn rank(&self, query: &str, texts: &[&str]) -> Result<Vec<Relevance>, DependencyError> {
        let call = async {
            let response = self.send(&Request { query, texts, truncate: true }).await?;
            let ranking: Vec<Relevance> = response.json().await.map_err(|error| transport_error(&error))?;
            if ranking.iter().any(|relevance| relevance.index >= texts.len() || !relevance.score.is_finite()) {
                return Err(DependencyError::Malformed);
            }
            Ok(ranking)
        };
        tokio::time::timeout(self.timeout, call).await.unwrap_or(Err(DependencyError::Timeout))
    }

    async fn send(&self, body: &Request<'_>) -> Result<reqwest::Response, DependencyError> {
        let mut running = self.telemetry.start(self.targets.post(&self.url, 0));
        let sending = running.within(async {
            let mut request = self.http.post(self.url.clone()).json(body).build()?;
            self.telemetry.inject(request.headers_mut());
            self.http.execute(request).await
        });
        let result = match tokio::time::timeout(self.timeout, sending).await {
            Err(_) => Err(DependencyError::Timeout),
            Ok(Err(error)) => Err(transport_error(&error)),
            Ok(Ok(response)) => {
                let status = response.status();
                if let Some(span) = running.operation() {
                    span.status = Some(status.as_u16());
                }
                if status.is_success() { Ok(response) } else { Err(DependencyError::Http(status.as_u16())) }
            }
        };
        running.finish(&result);
        result
    }
}
