//! The HTTP of the model server: one span an attempt, the context in its headers, a bounded number of retries.

use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures::future::BoxFuture;
use http::HeaderMap;
use reqwest::Response;
use tokio::time::Instant;

use super::DependencyError;
use crate::{
    telemetry::{Telemetry, spans},
    usage::UsageMonitor,
};

/// Delay before the first retry; it doubles with each.
const FIRST_DELAY: Duration = Duration::from_millis(100);
/// No delay of ours is longer. One the server asks for may be, while the call's deadline allows.
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// Sends the requests of one call, until one succeeds, the retries are used up, or the deadline is near.
#[derive(Clone)]
pub(super) struct Attempts {
    pub(super) http: reqwest::Client,
    pub(super) telemetry: Telemetry,
    pub(super) targets: spans::Targets,
    pub(super) usage: Arc<UsageMonitor>,
    pub(super) deadline: Instant,
    pub(super) max_retries: u32,
}

impl tower::Service<HttpRequestFactory> for Attempts {
    type Response = Response;
    type Error = OpenAIError;
    type Future = BoxFuture<'static, Result<Response, OpenAIError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let attempts = self.clone();
        Box::pin(async move { attempts.run(request).await })
    }
}

impl Attempts {
    async fn run(self, factory: HttpRequestFactory) -> Result<Response, OpenAIError> {
        let mut attempt = 0;
        loop {
            let request = factory.build().await?;
            let failure = match self.attempt(request, attempt).await {
                Ok(response) => return Ok(response),
                Err(failure) => failure,
            };
            let delay = failure.asked_delay.unwrap_or_else(|| backoff(attempt));
            let fits = Instant::now() + delay < self.deadline;
            if attempt >= self.max_retries || !failure.is_worth_retrying() || !fits {
                return Err(OpenAIError::Boxed(Box::new(failure.error)));
            }
            tracing::debug!(attempt, delay_ms = delay.as_millis(), "retrying a call of the model server");
            tokio::time::sleep(delay).await;
            attempt += 1;
        }
    }

    async fn attempt(&self, mut request: reqwest::Request, number: u32) -> Result<Response, FailedAttempt> {
        let mut running = self.telemetry.start(self.targets.post(request.url(), number));
        let sending = running.within(async {
            self.telemetry.inject(request.headers_mut());
            tokio::time::timeout_at(self.deadline, self.http.execute(request)).await
        });
        let result = match sending.await {
            Err(_) => Err(FailedAttempt::from(DependencyError::Timeout)),
            Ok(Err(error)) => Err(FailedAttempt::from(transport_error(&error))),
            Ok(Ok(response)) => {
                if let Some(span) = running.operation() {
                    span.status = Some(response.status().as_u16());
                }
                self.usage.rate_limit(response.status(), response.headers());
                check_status(response)
            }
        };
        match result {
            Ok(response) => {
                running.succeed(&response);
                Ok(response)
            }
            Err(failure) => {
                running.fail(&failure.error);
                Err(failure)
            }
        }
    }
}

/// An error answer is read no further: async-openai would log its body, which may repeat a key or a question.
fn check_status(response: Response) -> Result<Response, FailedAttempt> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    Err(FailedAttempt { error: DependencyError::Http(status.as_u16()), asked_delay: asked_delay(response.headers()) })
}

pub(super) fn transport_error(error: &reqwest::Error) -> DependencyError {
    if error.is_timeout() {
        DependencyError::Timeout
    } else if error.is_decode() || error.is_builder() {
        DependencyError::Malformed
    } else {
        DependencyError::Unavailable
    }
}

struct FailedAttempt {
    error: DependencyError,
    /// `retry-after`, if the server gave one.
    asked_delay: Option<Duration>,
}

impl From<DependencyError> for FailedAttempt {
    fn from(error: DependencyError) -> Self {
        Self { error, asked_delay: None }
    }
}

impl FailedAttempt {
    fn is_worth_retrying(&self) -> bool {
        match self.error {
            DependencyError::Unavailable => true,
            DependencyError::Http(status) => matches!(status, 408 | 409 | 429 | 500..=599),
            _ => false,
        }
    }
}

/// `retry-after-ms`, or `retry-after` in seconds. A date is not read: the server's clock is not ours.
fn asked_delay(headers: &HeaderMap) -> Option<Duration> {
    let number = |name| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let seconds = number("retry-after-ms").map(|millis| millis / 1_000.0).or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// Doubling, with the upper half of each delay left to chance, so that clients do not come back all at once.
fn backoff(attempt: u32) -> Duration {
    let full = FIRST_DELAY.saturating_mul(1 << attempt.min(16)).min(LONGEST_DELAY);
    full.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().unwrap())])
    }

    #[test]
    fn the_servers_delay_is_read_in_seconds_or_milliseconds() {
        assert_eq!(asked_delay(&headers("retry-after", "2")), Some(Duration::from_secs(2)));
        assert_eq!(asked_delay(&headers("retry-after-ms", "250")), Some(Duration::from_millis(250)));
        assert_eq!(asked_delay(&headers("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")), None);
        assert_eq!(asked_delay(&headers("retry-after", "-1")), None);
    }

    #[test]
    fn delays_double_up_to_a_limit() {
        for attempt in 0..40 {
            let delay = backoff(attempt);

            let full = FIRST_DELAY.saturating_mul(1 << attempt.min(16)).min(LONGEST_DELAY);
            assert!(delay >= full / 2 && delay <= full, "{delay:?} after {attempt} attempts");
        }
    }
}
