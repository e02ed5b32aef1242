//! TLS for every client of the process.

/// Makes ring the process' provider of cryptography, unless somebody chose another one before.
pub(crate) fn install() {
    // An error says only that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
