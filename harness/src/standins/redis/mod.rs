//! Redis over RESP2 and RESP3, for strings: what a cache is asked.
//!
//! Commands: GET, SET (EX, PX, EXAT, PXAT, KEEPTTL, NX, XX, GET), SETEX, PSETEX,
//! MGET, MSET, INCR, INCRBY, DECR, DECRBY, DEL, UNLINK, EXISTS, EXPIRE, PEXPIRE, PERSIST, TTL,
//! PTTL, TYPE, KEYS, SCAN, DBSIZE, FLUSHDB, FLUSHALL, MULTI, EXEC, DISCARD, HELLO, AUTH,
//! SELECT 0, PING, ECHO, CLIENT (SETINFO, SETNAME, GETNAME, ID), COMMAND, INFO, RESET, QUIT,
//! pipelined or not, also inline. Anything else gets Redis' own error for an unknown command.
//!
//! Operations for [`Faults`] are the commands' names in lower case. A fault's
//! `status`, whatever the number, answers `-ERR` and the fault's `message`; a message
//! that starts with a word in upper case, as `LOADING …` does, replaces the `ERR`.

mod clock;
mod codec;
mod command;
mod connection;
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
use super::Faults;
use super::listen::{Listening, listen};
use super::record::Recorder;
use crate::capture::Exchange;

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
    Builder { clock: Clock::system(), password: None, faults: Faults::default(), keep_exchanges: true }
}

/// Settings of a Redis stand-in; see [`redis`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    clock: Clock,
    password: Option<String>,
    faults: Faults,
    keep_exchanges: bool,
}

impl Builder {
    /// The clock by which keys expire; the system's unless set.
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The password of the user `default`; none unless set.
    pub fn with_password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Shows these faults, which may be shared with other stand-ins; none unless set.
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Whether to remember every command (the default). Turn it off under load: memory grows with each.
    pub fn with_exchanges(mut self, keep: bool) -> Self {
        self.keep_exchanges = keep;
        self
    }

    /// Starts the server on a free port of the loopback address.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub async fn run(self) -> io::Result<Redis> {
        let faults = self.faults;
        let recorder = Recorder::new(self.keep_exchanges);
        let server = Arc::new(Server::new(self.clock, self.password, faults.clone(), recorder.clone()));
        let listening = listen(move |wire, cut| connection::serve(wire, cut, Arc::clone(&server))).await?;
        Ok(Redis { listening, faults, recorder })
    }
}

/// A running Redis stand-in. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct Redis {
    listening: Listening,
    faults: Faults,
    recorder: Recorder,
}

impl Redis {
    /// Where clients find it: `redis://127.0.0.1:…`. Add `?protocol=resp3` for RESP3.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.listening.address())
    }

    /// The faults it is told to show.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Every command answered so far, oldest first. `method` is the command in upper case, `status` 0, or 1 for an
    /// error, whose text is the response body; the fact `hits` counts the values a GET or MGET found.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.recorder.snapshot()
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }
}
