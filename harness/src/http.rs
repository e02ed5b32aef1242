//! HTTP clients of the harness.

/// A client builder that uses no proxy: what is asked is on this machine.
///
/// Makes ring the process' provider of cryptography unless somebody chose one before, because reqwest is built without
/// one of its own (aws-lc would add minutes of C to the build) and panics if there is none.
pub(crate) fn client() -> reqwest::ClientBuilder {
    // An error says only that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy()
}
