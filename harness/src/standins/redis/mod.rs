//! Redis over RESP2 and RESP3, for strings: what a cache is asked.
//!
//! Commands: GET, SET (EX, PX, EXAT, PXAT, KEEPTTL, NX, XX, GET), SETEX, PSETEX,
//! MGET, MSET, INCR, INCRBY, DECR, DECRBY, DEL, UNLINK, EXISTS, EXPIRE, PEXPIRE, PERSIST, TTL,
//! PTTL, TYPE, KEYS, SCAN, DBSIZE, FLUSHDB, FLUSHALL, MULTI, EXEC, DISCARD, HELLO, AUTH,
//! SELECT 0, PING, ECHO, CLIENT (SETINFO, SETNAME, GETNAME, ID), COMMAND, INFO, RESET, QUIT,
//! pipelined or not, also inline. Anything else gets Redis' own error for an unknown command.
//!
//! Keys and values take 256 MiB at most; beyond that those that nobody asks for go, as with Redis' `maxmemory 256mb` and
//! `maxmemory-policy allkeys-lru`. INFO says how many did (`evicted_keys`).
//!
//! Operations for [`Faults`](super::Faults) are the commands' names in lower case. A fault's
//! `status`, whatever the number, answers `-ERR` and the fault's `message`; a message
//! that starts with a word in upper case, as `LOADING …` does, replaces the `ERR`.
//!
//! In its exchanges `method` is the command in upper case, `status` 0, or 1 for an error, whose text is the response
//! body; the fact `hits` counts the values a GET or MGET found.
//!
//! [In front of](Builder::in_front_of) a real Redis all this holds, and every command is passed on, publish and subscribe
//! included; only replication (SYNC, PSYNC) is not RESP and does not pass. If the real one cannot be reached or breaks
//! off, the client gets one error with the address, which the exchange has too, and the connection is closed.

mod clock;
mod codec;
mod command;
mod connection;
mod desk;
mod front;
mod glob;
mod inline;
mod keys;
mod keyspace;
mod reply;
mod session;
mod strings;
mod transaction;

use std::io;
use std::sync::Arc;

pub use clock::Clock;

use self::session::Server;
use super::StandIn;
use super::listen::listen;

/// A Redis server, ready to be started.
///
/// ```
/// use otelgate_harness::standins;
/// use redis::AsyncCommands;
///
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// let server = standins::redis().run().await?;
///
/// let client = redis::Client::open(server.url())?;
/// let mut connection = client.get_multiplexed_async_connection().await?;
/// let () = connection.set_ex("answer", 42, 60).await?;
///
/// assert_eq!(connection.get::<_, i32>("answer").await?, 42);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn redis() -> Builder {
    Builder::new(Settings { clock: Clock::system(), password: None, behind: None })
}

/// A Redis stand-in to be started; see [`redis`].
pub type Builder = super::Builder<Settings>;

/// A running Redis stand-in. Its [`url`](StandIn::url) is `redis://127.0.0.1:…`; add `?protocol=resp3` for RESP3.
pub type Redis = StandIn<Resp>;

/// What is said to a Redis stand-in alone.
#[derive(Debug)]
pub struct Settings {
    clock: Clock,
    password: Option<String>,
    behind: Option<String>,
}

/// Marks the Redis stand-in.
#[derive(Debug)]
pub struct Resp(());

impl Builder {
    /// Lets the real Redis at `url` answer, for example `redis://127.0.0.1:6379`; it need not be reachable yet. Every
    /// connection of a client has one of its own to the real one, and bytes pass as they are. User, password and database
    /// of `url` appear in the stand-in's own [`url`](StandIn::url): it is the client that logs in. The clock and the
    /// password of the stand-in have no meaning then.
    pub fn in_front_of(mut self, url: impl Into<String>) -> Self {
        self.own.behind = Some(url.into());
        self
    }

    /// The clock by which keys expire; the system's unless set.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.own.clock = clock;
        self
    }

    /// The password of the user `default`; none unless set.
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        self.own.password = Some(password.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    ///
    /// If its port cannot be bound, or the URL of the real server is none.
    pub async fn run(self) -> io::Result<Redis> {
        let (address, desk, own) = self.open();
        let (listening, url) = if let Some(url) = own.behind {
            let front = Arc::new(front::Front::new(&url, desk.clone())?);
            let serving = Arc::clone(&front);
            let listening = listen(address, move |wire, cut| front::serve(wire, cut, Arc::clone(&serving))).await?;
            let url = front.url_at(listening.address());
            (listening, url)
        } else {
            let server = Arc::new(Server::new(own.clock, own.password, desk.clone()));
            let listening = listen(address, move |wire, cut| connection::serve(wire, cut, Arc::clone(&server))).await?;
            let url = format!("redis://{}", listening.address());
            (listening, url)
        };
        Ok(StandIn::new(listening, url, desk, Resp(())))
    }
}
