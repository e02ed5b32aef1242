//! One HTTP API, and what can go wrong in asking it.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Url};
use serde::de::DeserializeOwned;

use super::error::{BackEndError, BackEndErrorKind};

/// Longest time one question may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much of a body an error quotes, in bytes.
const QUOTED_BYTES: usize = 300;

/// The HTTP API of one back end.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    product: &'static str,
    base: Url,
    shown: String,
    client: reqwest::Client,
}

/// An answer, whatever its status.
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: String,
    url: String,
    product: &'static str,
}

impl Endpoint {
    /// The API of `product` at `url`, which may have a path prefix, a user and a password.
    ///
    /// # Errors
    /// If `url` is none.
    pub(crate) fn new(product: &'static str, url: &str) -> Result<Self, BackEndError> {
        let wrong = |kind| BackEndError { product, url: url.to_owned(), kind };
        let mut base = Url::parse(url).map_err(|error| wrong(BackEndErrorKind::Url(error.to_string())))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return Err(wrong(BackEndErrorKind::Url("neither http nor https".to_owned())));
        }
        base.set_query(None);
        base.set_fragment(None);
        // Joined paths go below the prefix only if that ends with a slash.
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let client = crate::http::client()
            .timeout(PATIENCE)
            // A login page would be read as an answer.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| wrong(BackEndErrorKind::Client(error)))?;
        let shown = shown(&base).trim_end_matches('/').to_owned();
        Ok(Self { product, base, shown, client })
    }

    /// The URL, without user and password, and without a slash at its end.
    pub(crate) fn url(&self) -> &str {
        &self.shown
    }

    /// Asks `path`, which has no slash at its beginning.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, BackEndError> {
        self.send(Method::GET, path, query, |request| request).await
    }

    /// Sends to `path`, which has no slash at its beginning.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        with: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Reply, BackEndError> {
        let failed = |url: &Url, kind| BackEndError { product: self.product, url: shown(url), kind };
        let mut url = self
            .base
            .join(path)
            .map_err(|error| failed(&self.base, BackEndErrorKind::Url(format!("{path}: {error}"))))?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let told = |error: &reqwest::Error| {
            if error.is_timeout() {
                BackEndErrorKind::Late(PATIENCE)
            } else if error.is_body() || error.is_decode() {
                BackEndErrorKind::Broken(cause(error))
            } else {
                BackEndErrorKind::Unreachable(cause(error))
            }
        };
        let response =
            with(self.client.request(method, url.clone())).send().await.map_err(|error| failed(&url, told(&error)))?;
        let status = response.status().as_u16();
        let body = response.text().await.map_err(|error| failed(&url, told(&error)))?;
        Ok(Reply { status, body, url: shown(&url), product: self.product })
    }
}

impl Reply {
    /// The same answer if it is one of success.
    ///
    /// # Errors
    /// If it is not.
    pub(crate) fn success(self) -> Result<Self, BackEndError> {
        self.check().map(|()| self)
    }

    /// Whether it is one of success.
    ///
    /// # Errors
    /// If it is not.
    pub(crate) fn check(&self) -> Result<(), BackEndError> {
        if (200..300).contains(&self.status) {
            return Ok(());
        }
        Err(self.error(BackEndErrorKind::Status { status: self.status, body: quoted(&self.body) }))
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// If it is not the JSON it should be.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, BackEndError> {
        serde_json::from_str(&self.body).map_err(|error| self.unreadable(error.to_string()))
    }

    /// An error about the body.
    pub(crate) fn unreadable(&self, reason: impl Into<String>) -> BackEndError {
        self.error(BackEndErrorKind::Unreadable { reason: reason.into(), body: quoted(&self.body) })
    }

    /// An error about this answer.
    pub(crate) fn error(&self, kind: BackEndErrorKind) -> BackEndError {
        BackEndError { product: self.product, url: self.url.clone(), kind }
    }
}

/// A URL for people: without user and password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for URLs without a host, of which none is made here.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.to_string()
}

/// The innermost cause: reqwest's own text names the URL once more and says little else.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// The beginning of a body.
fn quoted(body: &str) -> String {
    let mut end = body.len().min(QUOTED_BYTES);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    body[..end].trim_end().to_owned()
}
