//! Where a dependency is, as telemetry names it.

use std::time::Duration;

use opentelemetry::KeyValue;
use reqwest::Url;

use super::DependencyError;
use crate::telemetry::{interned, names::attribute};

/// Host and port of a dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Endpoint {
    address: &'static str,
    port: u16,
}

impl Endpoint {
    /// `url` is a setting: its host is kept for good. `default_port` is for schemes that have none of their own, like `redis`.
    pub(crate) fn of(url: &Url, default_port: u16) -> Self {
        let address = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        Self { address: interned(address), port: url.port_or_known_default().unwrap_or(default_port) }
    }

    /// `server.address` and `server.port`.
    pub(crate) fn attributes(&self) -> [KeyValue; 2] {
        [
            KeyValue::new(attribute::SERVER_ADDRESS, self.address),
            KeyValue::new(attribute::SERVER_PORT, i64::from(self.port)),
        ]
    }

    /// Whether somebody listens there. For dependencies whose every request costs money.
    pub(crate) async fn probe(&self, limit: Duration) -> Result<(), DependencyError> {
        let connecting = tokio::net::TcpStream::connect((self.address, self.port));
        match tokio::time::timeout(limit, connecting).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(DependencyError::Unavailable),
            Err(_) => Err(DependencyError::Timeout),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    fn endpoint(url: &str) -> (&'static str, u16) {
        let endpoint = Endpoint::of(&url.parse().unwrap(), 6379);
        (endpoint.address, endpoint.port)
    }

    #[test]
    fn the_port_is_the_given_one_or_the_usual_one_of_the_scheme() {
        assert_eq!(endpoint("https://api.openai.com/v1"), ("api.openai.com", 443));
        assert_eq!(endpoint("http://127.0.0.1:8080"), ("127.0.0.1", 8080));
        assert_eq!(endpoint("redis://cache/2"), ("cache", 6379));
    }

    #[test]
    fn an_ipv6_address_has_no_brackets() {
        assert_eq!(endpoint("http://[::1]:6334").0, "::1");
    }
}
