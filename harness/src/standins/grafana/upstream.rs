//! Asking the back end behind a data source.

use std::fmt::Write;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use reqwest::RequestBuilder;

use super::provisioning::DataSource;

/// How long a back end may take, as Grafana waits unless told otherwise (`dataproxy.timeout`).
const TIMEOUT: Duration = Duration::from_secs(30);

/// The client for all back ends.
#[derive(Clone, Debug)]
pub(super) struct Upstream {
    client: reqwest::Client,
}

/// What a back end answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// `503 Service Unavailable`.
    pub(super) fn status_line(&self) -> String {
        let reason = self.status.canonical_reason().unwrap_or_default();
        format!("{} {reason}", self.status.as_u16()).trim_end().to_owned()
    }
}

impl Upstream {
    pub(super) fn new() -> io::Result<Self> {
        let client = crate::http::client()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::limited(10))
            .build()
            .map_err(io::Error::other)?;
        Ok(Self { client })
    }

    /// A request to `path` of the back end of `source`, with the credentials and headers of the data source.
    pub(super) fn request(&self, source: &DataSource, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/{}", source.url.trim_end_matches('/'), path.trim_start_matches('/'));
        let mut request = self.client.request(method, url);
        if source.basic_auth {
            request = request.basic_auth(&source.basic_auth_user, source.secure.get("basicAuthPassword"));
        }
        for number in 1.. {
            // Grafana counts them too, and stops at the first that is missing.
            let Some(name) = source.json_data.get(&format!("httpHeaderName{number}")).and_then(|name| name.as_str())
            else {
                break;
            };
            let value = source.secure.get(&format!("httpHeaderValue{number}"));
            request = request.header(name, value.map_or("", String::as_str));
        }
        request
    }

    /// A form, as Grafana posts queries.
    pub(super) fn form(&self, source: &DataSource, path: &str, parameters: &[(&str, String)]) -> RequestBuilder {
        self.request(source, Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(encode(parameters))
    }

    /// Sends a request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// In Go's form: `Post "http://…": ` and the cause.
    pub(super) async fn send(&self, request: RequestBuilder) -> Result<Answer, String> {
        let (client, request) = request.build_split();
        let request = request.map_err(|error| innermost(&error))?;
        let place = format!("{} {:?}", in_words(request.method()), request.url().as_str());
        let failed = |error: &reqwest::Error| format!("{place}: {}", innermost(error));

        let response = client.execute(request).await.map_err(|error| failed(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| failed(&error))?;
        Ok(Answer { status, headers, body })
    }
}

/// Parameters in the form of a query string.
pub(super) fn encode(parameters: &[(&str, String)]) -> String {
    parameters.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect::<Vec<_>>().join("&")
}

/// Escapes what has a meaning in a query string, and in one segment of a path.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

/// `Post` for `POST`, as Go writes it.
fn in_words(method: &Method) -> String {
    let lower = method.as_str().to_lowercase();
    let mut characters = lower.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The cause of an error: what surrounds it names the address again.
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)".to_owned();
    }
    crate::http::innermost(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_escaped() {
        let text = encode(&[("query", "rate(x{a=\"b c\"}[5m]) + 1".to_owned()), ("time", "1.5".to_owned())]);

        assert_eq!(text, "query=rate%28x%7Ba%3D%22b%20c%22%7D%5B5m%5D%29%20%2B%201&time=1.5");
    }
}
