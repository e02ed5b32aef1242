//! What of a URL may be shown.

use reqwest::Url;

/// Query parameters whose values the conventions name as secrets, and the names under which keys usually travel.
const SECRET_PARAMETERS: [&str; 10] = [
    "awsaccesskeyid",
    "signature",
    "sig",
    "x-goog-signature",
    "api-key",
    "api_key",
    "apikey",
    "key",
    "token",
    "access_token",
];

const REDACTED: &str = "REDACTED";

/// `url.full`: user name, password and the values of secret parameters are replaced.
pub(crate) fn redacted_url(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    // The two setters fail only for URLs without a host, which have no credentials either.
    if !url.username().is_empty() {
        let _ = url.set_username(REDACTED);
    }
    if url.password().is_some() {
        let _ = url.set_password(Some(REDACTED));
    }
    if let Some(query) = url.query() {
        let query = redact(query, |name| SECRET_PARAMETERS.contains(&name.to_ascii_lowercase().as_str()));
        url.set_query(Some(&query));
    }
    url.into()
}

/// `url.query` of a request we received. No route of ours takes a query string, so no value in one is ours to show.
pub(crate) fn redacted_query(query: &str) -> String {
    redact(query, |_| true)
}

fn redact(query: &str, is_secret: impl Fn(&str) -> bool) -> String {
    let parts = query.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if is_secret(name) => format!("{name}={REDACTED}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::{redacted_query, redacted_url};

    #[test]
    fn credentials_and_secret_parameters_are_replaced() {
        let url = "https://user:hunter2@model.example/v1?a=1&sig=abc&Token=t#part".parse().unwrap();

        let shown = redacted_url(&url);

        assert_eq!(shown, "https://REDACTED:REDACTED@model.example/v1?a=1&sig=REDACTED&Token=REDACTED");
    }

    #[test]
    fn a_url_without_secrets_stays_as_it_is() {
        let url = "http://127.0.0.1:8080/v1/embeddings".parse().unwrap();

        assert_eq!(redacted_url(&url), "http://127.0.0.1:8080/v1/embeddings");
    }

    #[test]
    fn no_value_of_a_received_query_is_shown() {
        assert_eq!(redacted_query("q=what+is+it&flag"), "q=REDACTED&flag");
    }
}
