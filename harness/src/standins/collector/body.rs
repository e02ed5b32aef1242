//! Reads a request's body, bounded before and after decompression.

use std::io::Read;

use axum::body::Body;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

/// Why a body was not read.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

/// The body, decompressed.
pub(super) async fn read(headers: &HeaderMap, body: Body, max_bytes: usize) -> Result<Bytes, Unread> {
    let gzip = match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"" | b"identity") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(other) => {
            return Err(Unread {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                reason: format!("content-encoding {:?} is not supported, only gzip", String::from_utf8_lossy(other)),
            });
        }
    };
    let raw = Limited::new(body, max_bytes).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            too_large("the body", max_bytes)
        } else {
            Unread { status: StatusCode::BAD_REQUEST, reason: format!("the body broke off: {error}") }
        }
    })?;
    let raw = raw.to_bytes();
    if gzip { gunzip(&raw, max_bytes) } else { Ok(raw) }
}

/// Inflates at most `max_bytes`: a bomb is noticed one byte later, not when memory is gone.
fn gunzip(raw: &[u8], max_bytes: usize) -> Result<Bytes, Unread> {
    let mut inflated = Vec::new();
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(raw).take(limit).read_to_end(&mut inflated).map_err(|error| Unread {
        status: StatusCode::BAD_REQUEST,
        reason: format!("the body is not the gzip it should be: {error}"),
    })?;
    if inflated.len() > max_bytes {
        return Err(too_large("the decompressed body", max_bytes));
    }
    Ok(inflated.into())
}

fn too_large(what: &str, max_bytes: usize) -> Unread {
    Unread { status: StatusCode::PAYLOAD_TOO_LARGE, reason: format!("{what} is larger than {max_bytes} bytes") }
}
