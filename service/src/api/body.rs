//! Request bodies.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// How many times the limit is read and thrown away. A client that is still sending would otherwise see its
/// connection reset instead of the answer.
const DISCARDED: usize = 8;

/// Reads a JSON body, whatever content type it claims.
///
/// # Errors
/// 413 for a body over the limit; 400 for one that is no JSON, lacks a field, or has one of the wrong type: for the one
/// who sends it, all of these are a malformed request.
pub(super) async fn read<T: DeserializeOwned>(body: Body, limit: usize) -> Result<T, ApiError> {
    let bytes = read_bytes(body, limit).await?;
    // The parser's words on position and field are ours, but those on an unexpected value may repeat it.
    serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Data => {
                ApiError::bad_request(format!("the body lacks a field, or has one of the wrong type, at {place}"))
            }
            _ => ApiError::bad_request(format!("the body is no JSON: look at {place}")),
        }
    })
}

async fn read_bytes(mut body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let mut bytes = BytesMut::new();
    let mut length: usize = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ApiError::bad_request("the body ended too early"))?;
        let Ok(data) = frame.into_data() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else if length > limit.saturating_mul(DISCARDED) {
            break;
        }
    }
    if length > limit { Err(ApiError::body_too_large(limit)) } else { Ok(bytes.freeze()) }
}
