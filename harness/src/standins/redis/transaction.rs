//! MULTI, EXEC and DISCARD.

use bytes::Bytes;

use super::command::{Context, Spec};
use super::reply::Reply;

/// Commands that wait for EXEC.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    queue: Vec<(&'static Spec, Vec<Bytes>)>,
    /// A command was refused while queueing: EXEC must refuse all.
    spoilt: bool,
}

/// MULTI
pub(super) fn multi(context: &mut Context<'_>) -> Reply {
    if context.session.transaction.is_some() {
        return Reply::error("MULTI calls can not be nested");
    }
    context.session.transaction = Some(Transaction::default());
    Reply::OK
}

/// EXEC
pub(super) fn exec(context: &mut Context<'_>) -> Reply {
    match context.session.transaction.take() {
        None => Reply::error("EXEC without MULTI"),
        Some(Transaction { spoilt: true, .. }) => {
            Reply::Error("EXECABORT Transaction discarded because of previous errors.".to_owned())
        }
        Some(Transaction { queue, .. }) => {
            let run =
                |(spec, arguments): (&Spec, Vec<Bytes>)| (spec.run)(context, &arguments).unwrap_or_else(|error| error);
            Reply::Array(queue.into_iter().map(run).collect())
        }
    }
}

/// DISCARD
pub(super) fn discard(context: &mut Context<'_>) -> Reply {
    match context.session.transaction.take() {
        None => Reply::error("DISCARD without MULTI"),
        Some(_) => Reply::OK,
    }
}

impl Transaction {
    /// Takes a command that has been checked.
    pub(super) fn queue(&mut self, spec: &'static Spec, arguments: Vec<Bytes>) -> Reply {
        self.queue.push((spec, arguments));
        Reply::Simple("QUEUED")
    }

    /// Remembers that a command was refused.
    pub(super) fn spoil(&mut self) {
        self.spoilt = true;
    }
}
