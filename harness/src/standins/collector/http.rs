//! OTLP/HTTP.

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::post;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};

use super::listener::Hold;
use super::message::{self, Partial};
use super::shared::Shared;
use super::signal::Signal;
use super::store::{Encoding, Transport};
use super::{body, fault};

const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The routes of OTLP/HTTP.
pub(super) fn router(shared: Shared) -> Router {
    Signal::ALL
        .into_iter()
        .fold(Router::new(), |router, signal| {
            let export = move |State(shared), ConnectInfo(hold), request| export(signal, shared, hold, request);
            router.route(signal.http_path(), post(export))
        })
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_method)
        .with_state(shared)
}

async fn export(signal: Signal, shared: Shared, hold: Hold, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(encoding) = encoding(&parts.headers) else {
        let wrong = parts.headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap_or("?"));
        let reason = format!("content type {wrong:?} is not OTLP's: application/x-protobuf or application/json are");
        return refused(&shared, None, StatusCode::UNSUPPORTED_MEDIA_TYPE, &reason);
    };
    let body = match body::read(&parts.headers, body, shared.max_body_bytes).await {
        Ok(body) => body,
        Err(unread) => return refused(&shared, Some(encoding), unread.status, &unread.reason),
    };
    let fault = fault::next(&shared, signal, &hold).await;
    if let Some(fault) = &fault
        && let Some(status) = fault.status.and_then(|status| StatusCode::from_u16(status).ok())
    {
        let reason = fault.message.as_deref().unwrap_or("a fault that was asked for");
        let mut response = answer(status, Some(encoding), message::error(encoding, status, reason));
        if let Some(seconds) = fault.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        return response;
    }
    match shared.ingest(signal, encoding, &body) {
        Ok(()) => {
            let partial = Partial::of(fault.as_ref());
            answer(StatusCode::OK, Some(encoding), message::success(signal, encoding, partial))
        }
        Err(error) => refused(&shared, Some(encoding), StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

/// The encoding that the content type names, whatever its parameters.
fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/x-protobuf" => Some(Encoding::Protobuf),
        "application/json" => Some(Encoding::Json),
        _ => None,
    }
}

async fn no_such_path(State(shared): State<Shared>, uri: Uri, headers: HeaderMap) -> Response {
    let reason = format!("no such path: {} (OTLP/HTTP has /v1/traces, /v1/metrics and /v1/logs)", uri.path());
    refused(&shared, encoding(&headers), StatusCode::NOT_FOUND, &reason)
}

async fn no_such_method(State(shared): State<Shared>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let reason = format!("{method} {} is not allowed: OTLP/HTTP only knows POST", uri.path());
    let mut response = refused(&shared, encoding(&headers), StatusCode::METHOD_NOT_ALLOWED, &reason);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
    response
}

/// Refuses a request, and keeps a note of it.
fn refused(shared: &Shared, encoding: Option<Encoding>, status: StatusCode, reason: &str) -> Response {
    let transport = match encoding {
        Some(Encoding::Protobuf) => Transport::HttpProtobuf,
        Some(Encoding::Json) => Transport::HttpJson,
        None => Transport::Http,
    };
    shared.store.refuse(transport, reason);
    let body = match encoding {
        Some(encoding) => message::error(encoding, status, reason),
        None => reason.as_bytes().to_vec(),
    };
    answer(status, encoding, body)
}

/// An answer in the encoding of its request, as OTLP/HTTP prescribes; in plain text if that is unknown.
fn answer(status: StatusCode, encoding: Option<Encoding>, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let content_type = match encoding {
        Some(Encoding::Protobuf) => PROTOBUF,
        Some(Encoding::Json) => JSON,
        None => TEXT,
    };
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
