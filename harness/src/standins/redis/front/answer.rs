//! The half that reads replies.

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::Receiver;
use tokio::sync::mpsc::error::TryRecvError;

use super::frame::{self, Frame, is_subscription};
use super::{Awaited, Front};
use crate::standins::redis::desk;
use crate::standins::wire::Cut;

/// Gives each reply to the command it belongs to, and passes it on. Ends when the real server has left, when the client
/// takes no more, or when nothing is awaited and nothing more will be asked.
pub(super) async fn run(
    front: &Front,
    mut from_server: impl AsyncRead + Unpin,
    to_client: impl AsyncWrite + Unpin,
    commands: Receiver<Awaited>,
    cut: &Cut,
) {
    let mut answering = Answering { to_client, output: BytesMut::new(), commands, next: None, subscriptions: 0 };
    let mut input = BytesMut::new();
    let why = loop {
        if answering.settle_own(cut).await.is_none() {
            return;
        }
        match frame::length(&input) {
            Ok(Some(length)) => {
                let reply = input.split_to(length);
                answering.give(Frame(&reply));
                continue;
            }
            Ok(None) => {}
            Err(garbled) => break garbled.to_string(),
        }
        if answering.flush().await.is_none() {
            return;
        }
        tokio::select! {
            more = answering.announced() => if !more { answering.commands.close() },
            read = from_server.read_buf(&mut input) => match read {
                Ok(1..) => {}
                Ok(0) => break "closed the connection before it answered".to_owned(),
                Err(error) => break format!("broke off: {error}"),
            }
        }
    };
    answering.give_up(&front.lost(&why)).await;
}

/// Answers the first command with `why`, as there is no real server to ask.
pub(super) async fn refuse(why: String, to_client: impl AsyncWrite + Unpin, commands: Receiver<Awaited>, cut: &Cut) {
    let mut answering = Answering { to_client, output: BytesMut::new(), commands, next: None, subscriptions: 0 };
    answering.next = answering.commands.recv().await;
    if answering.settle_own(cut).await.is_some() {
        answering.give_up(&why).await;
    }
}

struct Answering<W> {
    to_client: W,
    /// Replies not yet written.
    output: BytesMut,
    commands: Receiver<Awaited>,
    /// The command whose turn it is.
    next: Option<Awaited>,
    /// How many channels and patterns the client is subscribed to.
    subscriptions: u64,
}

impl<W: AsyncWrite + Unpin> Answering<W> {
    /// Answers the commands whose turn it is and that the real server does not answer. `None`: the connection is over.
    async fn settle_own(&mut self, cut: &Cut) -> Option<()> {
        loop {
            if self.next.is_none() {
                self.next = match self.commands.try_recv() {
                    Ok(awaited) => Some(awaited),
                    Err(TryRecvError::Empty) => return Some(()),
                    // Whoever is subscribed still listens.
                    Err(TryRecvError::Disconnected) if self.subscriptions > 0 => return Some(()),
                    Err(TryRecvError::Disconnected) => {
                        self.close().await;
                        return None;
                    }
                };
            }
            match self.next.take()? {
                awaited @ Awaited::Reply { .. } => {
                    self.next = Some(awaited);
                    return Some(());
                }
                Awaited::Cut(pending) => {
                    pending.finish(None);
                    match cut.now().await {}
                }
                Awaited::Error { of: Some((pending, operation)), text } => {
                    desk::finish(pending, &operation, Some(&text), || 0);
                    self.say(&text);
                }
                Awaited::Error { of: None, text } => {
                    self.say(&text);
                    self.close().await;
                    return None;
                }
            }
        }
    }

    /// Waits until there is a command whose turn it is; whether there will be one.
    async fn announced(&mut self) -> bool {
        if self.next.is_some() || (self.commands.is_closed() && self.commands.is_empty()) {
            std::future::pending::<()>().await;
        }
        self.next = self.commands.recv().await;
        self.next.is_some()
    }

    /// Passes a reply on, after recording the command it answers.
    fn give(&mut self, reply: Frame<'_>) {
        self.output.extend_from_slice(reply.0);
        let pushed = reply.kind() == b'>' || self.subscriptions > 0 || self.next_subscribes();
        let push = if pushed { reply.push() } else { None };
        match push {
            Some((word, count)) if is_subscription(word) => {
                self.subscriptions = count.unwrap_or_default();
                if !self.next_subscribes() {
                    return;
                }
            }
            Some((b"message" | b"pmessage" | b"smessage", _)) => return,
            Some(_) if reply.kind() == b'>' => return,
            _ if reply.is_monitor_line() => return,
            _ => {}
        }
        match self.next.take() {
            Some(Awaited::Reply { pending, operation, replies }) if replies > 1 && push.is_some() => {
                self.next = Some(Awaited::Reply { pending, operation, replies: replies - 1 });
            }
            Some(Awaited::Reply { pending, operation, .. }) => {
                desk::finish(pending, &operation, reply.error().as_deref(), || reply.hits());
            }
            // Own answers have been given before any reply is looked at.
            other => self.next = other,
        }
    }

    fn next_subscribes(&self) -> bool {
        matches!(&self.next, Some(Awaited::Reply { operation, .. }) if is_subscription(operation.as_bytes()))
    }

    /// Tells the client why it gets no more answers, if it waits for any, and closes.
    async fn give_up(&mut self, why: &str) {
        if self.commands.is_closed() {
            // The client had left before; whatever it asked last is recorded so.
            return;
        }
        self.commands.close();
        let mut told = false;
        while let Some(awaited) = self.next.take().or_else(|| self.commands.try_recv().ok()) {
            match awaited {
                Awaited::Reply { pending, operation, .. } => {
                    desk::finish(pending, &operation, Some(why), || 0);
                    if !told {
                        self.say(why);
                        told = true;
                    }
                }
                Awaited::Error { of: Some((pending, operation)), text } => {
                    desk::finish(pending, &operation, Some(&text), || 0);
                }
                Awaited::Cut(pending) => pending.finish(None),
                Awaited::Error { of: None, .. } => {}
            }
        }
        self.close().await;
    }

    fn say(&mut self, error: &str) {
        self.output.extend_from_slice(b"-");
        self.output.extend_from_slice(error.replace(['\r', '\n'], " ").as_bytes());
        self.output.extend_from_slice(b"\r\n");
    }

    /// `None`: the client takes no more.
    async fn flush(&mut self) -> Option<()> {
        self.to_client.write_all_buf(&mut self.output).await.ok()
    }

    async fn close(&mut self) {
        if self.flush().await.is_some() {
            // The client may be gone already; then there is nothing left to close.
            let _ = self.to_client.shutdown().await;
        }
    }
}
