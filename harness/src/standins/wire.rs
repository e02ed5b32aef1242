//! A connection that can be cut.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Closes the connection it belongs to.
#[derive(Clone, Debug, Default)]
pub(super) struct Cut(CancellationToken);

impl Cut {
    /// Closes the connection. Never returns: the caller ends with its connection.
    pub(super) async fn now(&self) -> Infallible {
        self.0.cancel();
        std::future::pending().await
    }

    /// Ends when the connection has been cut.
    pub(super) async fn happened(&self) {
        self.0.cancelled().await;
    }
}

/// A connection to a client. Once cut it is reset when dropped: a plain close would reach the client as end of file or
/// as reset, depending on what it had sent meanwhile, and the client would report now one error and now the other.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    cut: Cut,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, cut: Cut) -> Self {
        // Best effort: answers are small and should leave at once, but an answer that leaves late is still right.
        let _ = stream.set_nodelay(true);
        Self { stream, cut }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.cut.0.is_cancelled() {
            // Without it the client sees a plain close, which is a cut too.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
