//! Reads the metrics endpoint of the service.

use std::time::Duration;

use reqwest::StatusCode;

use super::RunError;
use crate::capture::Scrape;
use crate::clock;
use crate::config::Config;
use crate::eventually::eventually;
use crate::service::{Service, ServiceError};

/// What is asked of a metrics endpoint, as Prometheus asks it: OpenMetrics, which alone has exemplars, or else text.
const EXPOSITION: &str = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

/// Reads the metrics endpoint as soon as the service listens.
pub(super) async fn first_scrape(config: &Config, service: &mut Service) -> Result<Option<Scrape>, RunError> {
    let within = config.service.ready.as_ref().map_or(config.service.address.within_ms, |ready| ready.within_ms);
    let scraped = eventually(Duration::from_millis(within), async || match scrape(config, service).await {
        // A service of a fixed URL need not listen yet; one that answers has answered.
        Err(error @ RunError::Scrape { answered: false, .. }) => Err(error),
        scraped => Ok(scraped),
    });
    match scraped.await {
        Ok(scraped) => scraped,
        Err(timed_out) => {
            service.alive("before it listened").await?;
            let message = format!("not ready after {within} ms: {}", timed_out.last);
            Err(ServiceError::NotReady { message, tail: service.output().tail() }.into())
        }
    }
}

/// Reads the metrics endpoint, if the configuration names one.
pub(super) async fn scrape(config: &Config, service: &Service) -> Result<Option<Scrape>, RunError> {
    let Some(path) = &config.service.metrics else { return Ok(None) };
    let url = format!("{}{path}", service.url());
    let wrong = |message: String| RunError::Scrape { url: url.clone(), message, answered: true };
    let client = crate::http::client().timeout(Duration::from_secs(10)).build()?;
    let ask = async |accept: &str| {
        let answer = client.get(&url).header("accept", accept).send().await;
        answer.map_err(|error| RunError::Scrape {
            url: url.clone(),
            message: error.to_string(),
            answered: !error.is_connect(),
        })
    };
    let mut response = ask(EXPOSITION).await?;
    if response.status() == StatusCode::NOT_ACCEPTABLE {
        // It has text and takes the header at its word.
        response = ask("text/plain").await?;
    }
    let status = response.status();
    if !status.is_success() {
        return Err(wrong(format!("answered {status}, not metrics; are they switched off?")));
    }
    let text = response.text().await.map_err(|error| wrong(error.to_string()))?;
    let scrape = Scrape::of_exposition(clock::now(), &url, text).map_err(|error| wrong(error.to_string()))?;
    Ok(Some(scrape))
}
