//! The wiremock server that decides what is answered, and its memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::RwLock;
use wiremock::MockServer;

use super::api;

/// After how many requests the server is to forget them: it keeps each that a mock has matched, even if it records none,
/// and a load of minutes is millions.
const FORGETS_AFTER: u64 = 10_000;

/// What a running model stand-in has of its own.
#[derive(Debug)]
pub struct Mocks {
    server: MockServer,
    uri: String,
    api: Arc<api::Settings>,
    forgets_after: u64,
    /// Requests since the server forgot them.
    asked: AtomicU64,
    /// Whether somebody else may have mounted mocks, which would be forgotten as well.
    shared: AtomicBool,
    /// Held for writing while there are no mocks.
    mounted: RwLock<()>,
}

impl Mocks {
    pub(super) async fn start(api: api::Settings) -> Self {
        Self::forgetting(FORGETS_AFTER, api).await
    }

    async fn forgetting(forgets_after: u64, api: api::Settings) -> Self {
        let (server, api) = (MockServer::builder().disable_request_recording().start().await, Arc::new(api));
        api::mount(&server, Arc::clone(&api)).await;
        let uri = server.uri();
        let (asked, shared) = (AtomicU64::new(0), AtomicBool::new(false));
        Self { server, uri, api, forgets_after, asked, shared, mounted: RwLock::new(()) }
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    /// The server, for mocks of somebody else. From now on it forgets nothing.
    pub(super) fn share(&self) -> &MockServer {
        self.shared.store(true, Ordering::Relaxed);
        &self.server
    }

    /// Asks the server, while its mocks are there.
    pub(super) async fn ask<A>(&self, asking: impl Future<Output = A>) -> A {
        if self.asked.fetch_add(1, Ordering::Relaxed) >= self.forgets_after && !self.shared.load(Ordering::Relaxed) {
            self.forget().await;
        }
        let _mounted = self.mounted.read().await;
        asking.await
    }

    async fn forget(&self) {
        let _alone = self.mounted.write().await;
        // Whoever waited behind the one who did it has nothing to do; nor has who waited while somebody came to share.
        if self.asked.load(Ordering::Relaxed) >= self.forgets_after && !self.shared.load(Ordering::Relaxed) {
            self.server.reset().await;
            api::mount(&self.server, Arc::clone(&self.api)).await;
            self.asked.store(0, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use wiremock::matchers::path;
    use wiremock::{Mock, ResponseTemplate};

    use super::*;

    async fn status(mocks: &Mocks, path: &str) -> u16 {
        let client = crate::http::client().build().unwrap();
        let request = client.get(format!("{}{path}", mocks.uri())).header("authorization", "Bearer any");
        mocks.ask(request.send()).await.unwrap().status().as_u16()
    }

    async fn mocks(forgets_after: u64) -> Arc<Mocks> {
        let api = api::Settings { dimensions: 4, api_key: None, answer_suffix: String::new() };
        Arc::new(Mocks::forgetting(forgets_after, api).await)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn every_request_is_answered_while_others_are_forgotten() {
        let mocks = mocks(3).await;

        let asking = (0..8).map(|_| {
            let mocks = Arc::clone(&mocks);
            tokio::spawn(async move {
                for _ in 0..25 {
                    assert_eq!(status(&mocks, "/v1/models").await, 200);
                }
            })
        });
        for asked in asking.collect::<Vec<_>>() {
            asked.await.unwrap();
        }

        assert!(mocks.asked.load(Ordering::Relaxed) < 12, "{:?}", mocks.asked);
    }

    #[tokio::test]
    async fn mocks_of_somebody_else_stay() {
        let mocks = mocks(1).await;
        Mock::given(path("/own")).respond_with(ResponseTemplate::new(418)).mount(mocks.share()).await;

        for _ in 0..5 {
            assert_eq!(status(&mocks, "/own").await, 418);
        }
    }
}
