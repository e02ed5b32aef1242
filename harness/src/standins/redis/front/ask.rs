//! The half that reads commands.

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::codec::Decoder;

use super::Awaited;
use super::frame::is_subscription;
use super::silence::Silence;
use crate::standins::record::Desk;
use crate::standins::redis::codec::{Command, Commands, Sent};
use crate::standins::redis::desk::{self, Met};
use crate::standins::redis::reply::Reply;

/// Commands are passed on in pieces of about this many bytes, or when there are no more.
const BATCH_BYTES: usize = 64 * 1024;

/// Reads commands, shows their faults, announces each to the other half and passes it on. Ends when the client has said
/// its last word; any other end of the connection is left to the other half, which gives the answers that are left.
pub(super) async fn run(
    desk: &Desk,
    mut from_client: impl AsyncRead + Unpin,
    mut to_server: impl AsyncWrite + Unpin,
    commands: Sender<Awaited>,
) {
    let mut input = BytesMut::new();
    let mut asking = Asking { desk, to_server: &mut to_server, batch: BytesMut::new(), commands, silence: Silence::No };
    while asking.flush().await.is_some() {
        if !matches!(from_client.read_buf(&mut input).await, Ok(1..)) {
            // The real server may be gone; then there is nobody to tell.
            let _ = to_server.shutdown().await;
            return;
        }
        if asking.take_all(&mut input).await.is_none() {
            break;
        }
    }
    asking.commands.closed().await;
}

struct Asking<'a, W> {
    desk: &'a Desk,
    to_server: &'a mut W,
    /// Commands announced and not yet written.
    batch: BytesMut,
    commands: Sender<Awaited>,
    silence: Silence,
}

impl<W: AsyncWrite + Unpin> Asking<'_, W> {
    /// Takes the commands that have arrived. `None`: the connection is over.
    async fn take_all(&mut self, input: &mut BytesMut) -> Option<()> {
        loop {
            match Commands.decode(input) {
                Ok(Some(sent)) => self.take(sent).await?,
                Ok(None) => return Some(()),
                Err(broken) => {
                    let text = format!("ERR {broken}");
                    self.flush().await?;
                    self.announce(Awaited::Error { of: None, text }).await?;
                    return None;
                }
            }
        }
    }

    async fn take(&mut self, Sent { raw, command }: Sent) -> Option<()> {
        let operation = desk::operation(&command[0]);
        let pending = desk::begin(self.desk, &operation);
        let met = match self.desk.faults.next(&operation) {
            Some(fault) => {
                // What came before is answered meanwhile.
                self.flush().await?;
                desk::meet(&fault).await
            }
            None => None,
        };
        match met {
            Some(Met::Cut) => {
                self.announce(Awaited::Cut(pending)).await?;
                None
            }
            Some(Met::Failure(Reply::Error(text))) => {
                self.announce(Awaited::Error { of: Some((pending, operation)), text }).await
            }
            Some(Met::Failure(_)) | None => {
                if self.silence.falls_on(&operation, &command) {
                    pending.finish(None);
                } else {
                    let replies = replies(&operation, &command);
                    self.announce(Awaited::Reply { pending, operation, replies }).await?;
                }
                self.pass(&raw).await
            }
        }
    }

    /// Tells the other half, before the real server can answer.
    async fn announce(&mut self, awaited: Awaited) -> Option<()> {
        match self.commands.try_send(awaited) {
            Ok(()) => Some(()),
            Err(TrySendError::Closed(_)) => None,
            Err(TrySendError::Full(awaited)) => {
                // Those before can only be answered once they have been asked.
                self.flush().await?;
                self.commands.send(awaited).await.ok()
            }
        }
    }

    async fn pass(&mut self, raw: &Bytes) -> Option<()> {
        self.batch.extend_from_slice(raw);
        if self.batch.len() >= BATCH_BYTES { self.flush().await } else { Some(()) }
    }

    async fn flush(&mut self) -> Option<()> {
        self.to_server.write_all_buf(&mut self.batch).await.ok()
    }
}

/// How many replies a command has.
fn replies(operation: &str, command: &Command) -> usize {
    if is_subscription(operation.as_bytes()) { (command.len() - 1).max(1) } else { 1 }
}
