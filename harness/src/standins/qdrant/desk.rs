//! What happens to a request before it is answered, whoever answers it: the record, and the fault.

use std::collections::BTreeMap;

use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::{Code, Status};

use super::methods;
use crate::capture::{Exchange, Party};
use crate::standins::Fault;
use crate::standins::record::{Desk, Pending};
use crate::standins::wire::Cut;

/// Opens the record of a request for the method at `path`.
pub(super) fn begin(desk: &Desk, path: &str, metadata: impl FnOnce() -> MetadataMap) -> Pending {
    desk.recorder.begin(|| Exchange {
        by: Party::Qdrant,
        method: path.to_owned(),
        request_headers: texts(&metadata()),
        ..Exchange::default()
    })
}

/// Shows the fault the method is to meet, if any. `Err` is its answer, recorded already; a cut does not come back.
pub(super) async fn meet_fault(
    desk: &Desk,
    path: &str,
    pending: Pending,
    cut: Option<&Cut>,
) -> Result<Pending, Status> {
    let Some(fault) = desk.faults.next(methods::operation(path)) else { return Ok(pending) };
    if let Some(delay) = fault.delay() {
        tokio::time::sleep(delay).await;
    }
    if fault.cut {
        pending.finish(None);
        if let Some(cut) = cut {
            cut.now().await;
        }
        return Err(Status::unavailable("the connection is being closed"));
    }
    match refusal(&fault) {
        Some(status) => {
            pending.finish(grpc_code(status.code()));
            Err(status)
        }
        None => Ok(pending),
    }
}

/// The code as exchanges hold it.
pub(super) fn grpc_code(code: Code) -> Option<u16> {
    u16::try_from(i32::from(code)).ok()
}

fn refusal(fault: &Fault) -> Option<Status> {
    let code = Code::from_i32(i32::from(fault.status?));
    Some(Status::new(code, fault.message.clone().unwrap_or_else(|| code.description().to_owned())))
}

/// The text entries of the metadata; binary ones are nobody's business here.
fn texts(metadata: &MetadataMap) -> BTreeMap<String, String> {
    metadata
        .iter()
        .filter_map(|entry| match entry {
            KeyAndValueRef::Ascii(key, value) => Some((key.as_str().to_owned(), value.to_str().ok()?.to_owned())),
            KeyAndValueRef::Binary(..) => None,
        })
        .collect()
}
