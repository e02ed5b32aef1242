//! One connection, from accept to close.

use std::sync::{Arc, PoisonError};

use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::codec::Decoder;

use super::codec::{Broken, Command, Commands, Sent};
use super::command::{self, Context};
use super::desk::{self, Met};
use super::reply::Reply;
use super::session::{Server, Session};
use super::transaction;
use crate::standins::wire::{Cut, Wire};

/// Answers commands until the client leaves, breaks the protocol or says goodbye.
pub(super) async fn serve(mut wire: Wire, cut: Cut, server: Arc<Server>) {
    let mut session = server.connect();
    let mut input = BytesMut::new();
    let mut output = BytesMut::new();
    loop {
        // All commands that have arrived are answered with one write, as Redis answers a pipeline.
        let over = loop {
            match Commands.decode(&mut input) {
                Ok(Some(Sent { command, .. })) => {
                    let reply = answer(&server, &mut session, &cut, command).await;
                    if reply.encode(session.protocol, &mut output).is_err() {
                        break true;
                    }
                }
                Ok(None) => break false,
                Err(broken) => {
                    say_broken(broken, &session, &mut output);
                    break true;
                }
            }
            if session.closing {
                break true;
            }
        };
        if wire.write_all(&output).await.is_err() {
            return;
        }
        output.clear();
        if over {
            // The client may be gone already; then there is nothing left to close.
            let _ = wire.shutdown().await;
            return;
        }
        if !matches!(wire.read_buf(&mut input).await, Ok(1..)) {
            return;
        }
    }
}

fn say_broken(broken: Broken, session: &Session, output: &mut BytesMut) {
    if let Broken::Protocol(_) = broken {
        // An error is short and always encodes.
        let _ = Reply::error(broken).encode(session.protocol, output);
    }
}

/// Answers one command. It is recorded before its answer leaves, so that a client which has the answer finds the record.
async fn answer(server: &Server, session: &mut Session, cut: &Cut, command: Command) -> Reply {
    let operation = desk::operation(&command[0]);
    let pending = desk::begin(&server.desk, &operation);
    let met = match server.desk.faults.next(&operation) {
        Some(fault) => desk::meet(&fault).await,
        None => None,
    };
    let reply = match met {
        Some(Met::Cut) => {
            pending.finish(None);
            match cut.now().await {}
        }
        Some(Met::Failure(reply)) => reply,
        None => run(server, session, command),
    };
    let error = match &reply {
        Reply::Error(text) => Some(text.as_str()),
        _ => None,
    };
    desk::finish(pending, &operation, error, || hits(&reply));
    reply
}

fn run(server: &Server, session: &mut Session, mut command: Command) -> Reply {
    let name = command.remove(0);
    let mut keyspace = server.keyspace.lock().unwrap_or_else(PoisonError::into_inner);
    let mut context = Context { server, session, keyspace: &mut keyspace, now: server.clock.now() };

    let transactional = match name.to_ascii_lowercase().as_slice() {
        b"multi" => Some(transaction::multi as fn(&mut Context<'_>) -> Reply),
        b"exec" => Some(transaction::exec as _),
        b"discard" => Some(transaction::discard as _),
        _ => None,
    };
    let handshake = [&b"auth"[..], b"hello", b"quit", b"reset"];
    if !context.session.authenticated && !handshake.iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return Reply::Error("NOAUTH Authentication required.".to_owned());
    }
    if let Some(transactional) = transactional {
        return if command.is_empty() {
            transactional(&mut context)
        } else {
            command::wrong_number(&String::from_utf8_lossy(&name).to_lowercase())
        };
    }

    let spec = command::find(&name).ok_or_else(|| command::unknown(&name, &command));
    let checked = spec.and_then(|spec| spec.check(&command).map(|()| spec));
    // Redis runs these at once even inside MULTI.
    let immediate = [&b"quit"[..], b"reset"].iter().any(|known| name.eq_ignore_ascii_case(known));
    match (checked, &mut context.session.transaction) {
        (Ok(spec), Some(transaction)) if !immediate => transaction.queue(spec, command),
        (Ok(spec), _) => (spec.run)(&mut context, &command).unwrap_or_else(|error| error),
        (Err(error), transaction) => {
            if let Some(transaction) = transaction {
                transaction.spoil();
            }
            error
        }
    }
}

fn hits(reply: &Reply) -> usize {
    match reply {
        Reply::Bulk(_) => 1,
        Reply::Array(items) => items.iter().filter(|item| matches!(item, Reply::Bulk(_))).count(),
        _ => 0,
    }
}
