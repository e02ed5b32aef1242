//! In front of a real Redis: faults and records are the stand-in's, answers the real one's.
//!
//! Each connection has two halves that run side by side: [`ask`] reads commands and passes them on, [`answer`] reads
//! replies and gives each to the command it belongs to. Between them is a queue, in the order of the commands.

mod answer;
mod ask;
mod frame;
mod silence;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use http::uri::Authority;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::standins::record::{Desk, Pending};
use crate::standins::upstream::{self, CONNECT_TIMEOUT};
use crate::standins::wire::{Cut, Wire};

/// A URL as people write it, for error messages.
const EXAMPLE: &str = "redis://127.0.0.1:6379";
const DEFAULT_PORT: u16 = 6379;
/// Commands of one connection that may wait for their replies; more are not read before. As many as a large pipeline.
const MOST_AWAITED: usize = 1024;

/// How long answers may take to a client that has closed its half of the connection.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The real Redis, and the desk in front of it.
#[derive(Debug)]
pub(in crate::standins::redis) struct Front {
    desk: Desk,
    uri: Uri,
    host: String,
    port: u16,
}

impl Front {
    /// # Errors
    /// The URL is none.
    pub(in crate::standins::redis) fn new(url: &str, desk: Desk) -> io::Result<Self> {
        let uri = upstream::parse(url, &["redis"], EXAMPLE)?;
        // Brackets are how a URL tells an IPv6 address from a port; a socket does not know them.
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(DEFAULT_PORT);
        Ok(Self { desk, uri, host, port })
    }

    /// The URL of the real server with `address` in the place of its own.
    pub(in crate::standins::redis) fn url_at(&self, address: SocketAddr) -> String {
        let user = self.uri.authority().map_or("", Authority::as_str).rsplit_once('@');
        let user = user.map_or_else(String::new, |(user, _)| format!("{user}@"));
        let rest = self.uri.path_and_query().map_or("", |path| path.as_str()).trim_start_matches('/');
        let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
        format!("redis://{user}{address}{rest}")
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let connecting = TcpStream::connect((self.host.as_str(), self.port));
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, connecting).await.map_err(io::Error::from).flatten()?;
        // Best effort: a command that leaves late is still right.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// What a client is told that gets no answer.
    fn lost(&self, why: &str) -> String {
        format!("ERR Redis at {}:{} {why}", self.host, self.port)
    }
}

/// A command on its way.
enum Awaited {
    /// The real server will answer. A subscription is confirmed once a channel, so `replies` may be more than one.
    Reply { pending: Pending, operation: String, replies: usize },
    /// A fault answers, or the protocol was broken: then there is no command, and the connection is closed.
    Error { of: Option<(Pending, String)>, text: String },
    /// A fault cuts the connection.
    Cut(Pending),
}

/// Passes commands and replies until either end leaves or a fault cuts the connection.
pub(in crate::standins::redis) async fn serve(wire: Wire, cut: Cut, front: Arc<Front>) {
    let (from_client, to_client) = tokio::io::split(wire);
    let (commands, awaited) = mpsc::channel(MOST_AWAITED);
    match front.connect().await {
        Ok(stream) => {
            let (from_server, to_server) = stream.into_split();
            let asking = ask::run(&front.desk, from_client, to_server, commands);
            let answering = answer::run(&front, from_server, to_client, awaited, &cut);
            tokio::pin!(answering);
            tokio::select! {
                () = &mut answering => return,
                () = asking => {}
            }
            // The client asks no more, or has left; the real server, told so, answers what it has read and closes. What is
            // awaited after that is recorded as left.
            let _ = tokio::time::timeout(LAST_ANSWERS, answering).await;
        }
        Err(error) => {
            let why = front.lost(&format!("cannot be reached: {error}"));
            let asking = ask::run(&front.desk, from_client, tokio::io::sink(), commands);
            let refusing = answer::refuse(why, to_client, awaited, &cut);
            tokio::select! {
                () = refusing => {}
                () = asking => {}
            }
        }
    }
}
