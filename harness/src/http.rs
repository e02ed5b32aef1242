//! HTTP clients of the harness.

/// A client builder that uses no proxy: what is asked is on this machine.
///
/// Makes ring the process' provider of cryptography unless somebody chose one before, because reqwest is built without
/// one of its own (aws-lc would add minutes of C to the build) and panics if there is none.
pub fn client() -> reqwest::ClientBuilder {
    // An error says only that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}

/// The innermost cause of an error, in its own words: what surrounds it names the address again.
#[must_use]
pub fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
