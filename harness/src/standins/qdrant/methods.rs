//! What each method is called by faults, and what can be counted about it from the outside.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use prost::Message;
use qdrant_client::qdrant::points_selector::PointsSelectorOneOf;
use qdrant_client::qdrant::{
    ClearPayloadPoints, DeletePayloadPoints, GetResponse, PointsSelector, QueryBatchResponse, QueryResponse,
    ScrollResponse, SearchBatchResponse, SearchResponse, SetPayloadPoints, UpsertPoints,
};

/// The word by which faults know a method; its path if the stand-in does not have it itself.
pub(super) fn operation(path: &str) -> &str {
    match path {
        "/qdrant.Points/Query"
        | "/qdrant.Points/QueryBatch"
        | "/qdrant.Points/Search"
        | "/qdrant.Points/SearchBatch" => "query",
        "/qdrant.Points/Scroll" => "scroll",
        "/qdrant.Points/Count" => "count",
        "/qdrant.Points/Get" => "get",
        "/qdrant.Points/Upsert" => "upsert",
        "/qdrant.Points/Delete" => "delete",
        "/qdrant.Points/SetPayload"
        | "/qdrant.Points/OverwritePayload"
        | "/qdrant.Points/DeletePayload"
        | "/qdrant.Points/ClearPayload" => "payload",
        "/qdrant.Points/CreateFieldIndex" | "/qdrant.Points/DeleteFieldIndex" => "index",
        "/qdrant.Collections/Create"
        | "/qdrant.Collections/Delete"
        | "/qdrant.Collections/Get"
        | "/qdrant.Collections/List"
        | "/qdrant.Collections/CollectionExists" => "collections",
        "/qdrant.Qdrant/HealthCheck" => "health",
        other => other,
    }
}

/// What the messages of a call that succeeded say for certain. Nothing about `Delete`, nor about a write by filter: no
/// message says how many points there were.
pub(super) fn fact(path: &str, request: &[u8], response: &[u8]) -> Option<(&'static str, usize)> {
    match path.strip_prefix("/qdrant.Points/")? {
        "Query" => results(read::<QueryResponse>(response)?.result.len()),
        "QueryBatch" => results(read::<QueryBatchResponse>(response)?.result.iter().map(|one| one.result.len()).sum()),
        "Search" => results(read::<SearchResponse>(response)?.result.len()),
        "SearchBatch" => {
            results(read::<SearchBatchResponse>(response)?.result.iter().map(|one| one.result.len()).sum())
        }
        "Scroll" => results(read::<ScrollResponse>(response)?.result.len()),
        "Get" => results(read::<GetResponse>(response)?.result.len()),
        "Upsert" => Some(("points", read::<UpsertPoints>(request)?.points.len())),
        "SetPayload" | "OverwritePayload" => selected(read::<SetPayloadPoints>(request)?.points_selector),
        "DeletePayload" => selected(read::<DeletePayloadPoints>(request)?.points_selector),
        "ClearPayload" => selected(read::<ClearPayloadPoints>(request)?.points),
        "CreateFieldIndex" | "DeleteFieldIndex" => Some(("points", 0)),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads like its neighbours")]
fn results(count: usize) -> Option<(&'static str, usize)> {
    Some(("results", count))
}

fn selected(selector: Option<PointsSelector>) -> Option<(&'static str, usize)> {
    match selector?.points_selector_one_of? {
        PointsSelectorOneOf::Points(list) => Some(("points", list.ids.len())),
        PointsSelectorOneOf::Filter(_) => None,
    }
}

/// The one message of a gRPC body: a flag, four bytes of length, and so many bytes.
fn read<M: Message + Default>(body: &[u8]) -> Option<M> {
    let (head, rest) = body.split_first_chunk::<5>()?;
    let [compressed, length @ ..] = *head;
    let message = rest.get(..usize::try_from(u32::from_be_bytes(length)).ok()?)?;
    let message = if compressed == 0 {
        Cow::Borrowed(message)
    } else {
        // gzip is the only compression Qdrant and its clients know.
        let mut plain = Vec::new();
        GzDecoder::new(message).read_to_end(&mut plain).ok()?;
        Cow::Owned(plain)
    };
    M::decode(message.as_ref()).ok()
}
