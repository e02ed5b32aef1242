//! Fetches a `/metrics` page.

use std::time::Duration;

/// The text at `url`, which is to be exposition text.
///
/// # Errors
/// If nobody answers within `patience`, or not with success; says which and what to do.
pub async fn fetch_scrape(url: &str, patience: Duration) -> Result<String, String> {
    let client = crate::http::client().timeout(patience).build().map_err(|error| error.to_string())?;
    let response = client.get(url).send().await.map_err(|error| {
        let mut inner: &dyn std::error::Error = &error;
        while let Some(source) = inner.source() {
            inner = source;
        }
        format!("{inner}; is the service up, and reachable from here?")
    })?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("answered {status}, not metrics"));
    }
    response.text().await.map_err(|error| error.to_string())
}
