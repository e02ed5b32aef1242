//! The listening half of every stand-in: a port, and an end to every connection.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;
use tower::Service;

use super::wire::{Cut, Wire};

/// Where a stand-in listens unless told otherwise: a free port of the loopback address.
pub(super) const ANYWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A running server. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(super) struct Listening {
    address: SocketAddr,
    open: Arc<AtomicUsize>,
    _accepting: AbortOnDropHandle<()>,
}

impl Listening {
    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections open now.
    pub(super) fn connections(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }
}

/// Listens on `address` and runs `serve` for each connection, until the result is dropped.
pub(super) async fn listen<F>(
    address: SocketAddr,
    serve: impl Fn(Wire, Cut) -> F + Send + 'static,
) -> io::Result<Listening>
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = bind(address).await?;
    let address = listener.local_addr()?;
    let open = Arc::new(AtomicUsize::new(0));
    let accepting = tokio::spawn(accept(listener, Arc::clone(&open), serve));

    Ok(Listening { address, open, _accepting: AbortOnDropHandle::new(accepting) })
}

/// Binds an address. The error names it.
pub(super) async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{address}: {error}"));
    TcpListener::bind(address).await.map_err(named)
}

/// Listens as [`listen`] does and answers HTTP/1.1 and HTTP/2 (prior knowledge) with `router`.
/// Handlers find their connection's [`Cut`] in the request's extensions.
pub(super) async fn listen_http(address: SocketAddr, router: Router) -> io::Result<Listening> {
    listen(address, move |wire, cut| {
        let router = router.clone();
        let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(cut.clone());
            router.clone().call(request)
        });
        async move {
            // An error here is the client's: a reset, or bytes that are not HTTP. There is nobody to tell.
            let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(wire), service).await;
        }
    })
    .await
}

async fn accept<F>(listener: TcpListener, open: Arc<AtomicUsize>, serve: impl Fn(Wire, Cut) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    // Owns the connections, so that aborting the accept loop ends them too.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A failed accept concerns one connection (reset before it was taken), never the listener.
                let Ok((stream, _)) = accepted else { continue };
                let cut = Cut::default();
                let connection = serve(Wire::new(stream, cut.clone()), cut.clone());
                let guard = OpenConnection::new(&open);
                connections.spawn(async move {
                    tokio::select! {
                        () = cut.happened() => {}
                        () = connection => {}
                    }
                    drop(guard);
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Counts a connection for as long as it lives, also when its task is aborted.
struct OpenConnection(Arc<AtomicUsize>);

impl OpenConnection {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(open))
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
