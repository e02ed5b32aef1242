//! Reads a metrics endpoint.

use std::time::Duration;

use otelgate_harness::capture::Scrape;

use super::LoadError;

/// How long an endpoint may take. Under load it waits its turn.
const WITHIN: Duration = Duration::from_secs(10);

/// A metrics endpoint.
pub(super) struct Endpoint {
    client: reqwest::Client,
    url: String,
}

impl Endpoint {
    pub(super) fn new(url: String) -> Result<Self, LoadError> {
        Ok(Self { client: otelgate_harness::http::client().timeout(WITHIN).build()?, url })
    }

    /// What it says now.
    pub(super) async fn read(&self) -> Result<Scrape, LoadError> {
        let wrong = |message: String| LoadError::Metrics { url: self.url.clone(), message };
        let answer = self.client.get(&self.url).header("accept", "text/plain").send().await;
        let answer = answer.map_err(|error| wrong(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(wrong(format!("answered {}, not metrics; are they switched off?", answer.status())));
        }
        let text = answer.text().await.map_err(|error| wrong(error.to_string()))?;
        // Its time is of no use: only growth between two is looked at.
        Scrape::of_exposition(0, &self.url, text).map_err(|error| wrong(error.to_string()))
    }
}
