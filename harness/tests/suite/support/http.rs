//! HTTP clients.

/// Makes ring the process' provider of cryptography: reqwest is built without one of its own, and panics without any
/// even where no TLS is spoken.
pub(crate) fn provide_cryptography() {
    // An error says only that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A builder of clients.
pub(crate) fn builder() -> reqwest::ClientBuilder {
    provide_cryptography();
    reqwest::Client::builder().no_proxy()
}

/// A client.
pub(crate) fn client() -> reqwest::Client {
    builder().build().unwrap()
}
