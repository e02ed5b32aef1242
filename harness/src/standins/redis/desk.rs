//! What happens to a command before and after it is answered, whoever answers it: the fault, and the record.

use super::reply::Reply;
use crate::capture::{Exchange, Party};
use crate::standins::Fault;
use crate::standins::record::{Desk, Pending};

/// The name by which faults know a command.
pub(super) fn operation(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// Opens the record of a command.
pub(super) fn begin(desk: &Desk, operation: &str) -> Pending {
    desk.recorder.begin(|| Exchange { by: Party::Redis, method: operation.to_ascii_uppercase(), ..Exchange::default() })
}

/// How a command fares instead of being answered.
pub(super) enum Met {
    Cut,
    Failure(Reply),
}

/// Waits as the fault says; gives what it puts in the place of the answer, if anything.
pub(super) async fn meet(fault: &Fault) -> Option<Met> {
    if let Some(delay) = fault.delay() {
        tokio::time::sleep(delay).await;
    }
    if fault.cut {
        return Some(Met::Cut);
    }
    fault.status?;
    let message = fault.message.as_deref().unwrap_or("the stand-in was told to fail");
    let code = message.split(' ').next().unwrap_or_default();
    let has_code = code.len() > 1 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    Some(Met::Failure(if has_code { Reply::Error(message.to_owned()) } else { Reply::error(message) }))
}

/// Closes the record of a command that was answered with an error, or with values of which `hits` were found.
pub(super) fn finish(mut pending: Pending, operation: &str, error: Option<&str>, hits: impl FnOnce() -> usize) {
    match error {
        Some(text) => pending.note(|exchange| text.clone_into(&mut exchange.response_body)),
        None if matches!(operation, "get" | "mget") => pending.count(|| Some(("hits", hits()))),
        None => {}
    }
    pending.finish(Some(u16::from(error.is_some())));
}
