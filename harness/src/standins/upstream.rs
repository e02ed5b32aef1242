//! The real server that a stand-in is in front of.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use http::Uri;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

/// How long a connection to the real server may take. Far more than one in the same network takes, and less than
/// clients wait for an answer.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a URL with one of these schemes.
///
/// # Errors
/// `InvalidInput`, in words for whoever wrote the URL; `example` is one that is right.
pub(super) fn parse(url: &str, schemes: &[&str], example: &str) -> io::Result<Uri> {
    let wrong = |why: &str| {
        let text = format!("cannot stand in front of `{}`: {why}; write it like `{example}`", without_password(url));
        io::Error::new(io::ErrorKind::InvalidInput, text)
    };
    let uri: Uri = url.parse().map_err(|error| wrong(&format!("it is not a URL ({error})")))?;
    match uri.scheme_str() {
        None => Err(wrong("it has no scheme")),
        Some(scheme) if !schemes.contains(&scheme) => Err(wrong(&format!("`{scheme}` is not a scheme it speaks"))),
        Some(_) if uri.host().is_none_or(str::is_empty) => Err(wrong("it names no host")),
        Some(_) => Ok(uri),
    }
}

/// A gRPC client of `url` that connects when it is first used and again whenever the connection is gone.
///
/// # Errors
/// As [`parse`].
pub(super) fn grpc(url: &str, example: &str) -> io::Result<Channel> {
    let uri = parse(url, &["http", "https"], example)?;
    let tls = uri.scheme_str() == Some("https");
    let mut endpoint = Endpoint::from(uri).connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
    if tls {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_enabled_roots()).map_err(io::Error::other)?;
    }
    Ok(endpoint.connect_lazy())
}

/// An error with everything that caused it, in one line. Many wrap another and repeat its words.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            // Writing to a string cannot fail.
            let _ = write!(text, ": {more}");
        }
        source = error.source();
    }
    text
}

/// The URL, fit for a message.
pub(super) fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => format!("{}***{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
}
