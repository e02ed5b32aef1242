//! The HTTP client of the model server and of the reranker.

use reqwest::{Client, redirect, retry};

use super::install_tls;

/// One that does what it is told, and nothing by itself that a span would not show.
///
/// A redirect would be an attempt without a span, and would take the key elsewhere; so would a retry be one, for which each
/// request would be copied, too. And nothing is asked to be compressed because some other crate of the workspace can undo it.
pub(super) fn client() -> Result<Client, reqwest::Error> {
    install_tls();
    let client = Client::builder().redirect(redirect::Policy::none()).retry(retry::never());
    client.no_gzip().no_brotli().no_zstd().no_deflate().build()
}
