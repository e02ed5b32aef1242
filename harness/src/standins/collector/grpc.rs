//! OTLP/gRPC, on tonic's framing, compression and trailers.
//!
//! The messages pass tonic as bytes. Its generated services would decode them, and answer `INTERNAL` to a truncated
//! message where gRPC and the OpenTelemetry Collector say `INVALID_ARGUMENT`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{StatusCode, Uri, header};
use tonic::codec::CompressionEncoding;
use tonic::server::{Grpc, UnaryService};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::fault;
use super::listener::Hold;
use super::message::{self, Partial};
use super::shared::Shared;
use super::signal::Signal;
use super::store::{Encoding, Transport};
use crate::standins::raw::Raw;

/// The methods of OTLP/gRPC.
pub(super) fn router(shared: Shared) -> Router {
    Signal::ALL
        .into_iter()
        .fold(Router::new(), |router, signal| {
            let export = move |State(shared), ConnectInfo(hold), request| export(signal, shared, hold, request);
            router.route(signal.grpc_path(), post(export))
        })
        .fallback(no_such_method)
        .with_state(shared)
}

async fn export(signal: Signal, shared: Shared, hold: Hold, request: Request) -> Response {
    if !is_grpc(&request) {
        return not_grpc(&shared);
    }
    let faulty = Arc::new(AtomicBool::new(false));
    let service = Export { signal, shared: shared.clone(), hold, faulty: faulty.clone() };
    let response = Grpc::new(Raw)
        .accept_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(shared.max_body_bytes)
        .unary(service, request)
        .await;
    match Status::from_header_map(response.headers()) {
        Some(status) if status.code() != Code::Ok && !faulty.load(Ordering::Relaxed) => {
            shared.store.refuse(Transport::Grpc, format!("{:?}: {}", status.code(), status.message()));
            // tonic says OUT_OF_RANGE to a message over the limit, all other implementations this.
            if status.code() == Code::OutOfRange {
                return Status::resource_exhausted(status.message()).into_http::<Body>();
            }
            response.map(Body::new)
        }
        _ => response.map(Body::new),
    }
}

fn is_grpc(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}

/// gRPC asks for a plain HTTP 415 here, which a client of another protocol understands.
fn not_grpc(shared: &Shared) -> Response {
    let reason = "not a gRPC request: this port speaks OTLP/gRPC, the other one OTLP/HTTP";
    shared.store.refuse(Transport::Http, reason);
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, reason).into_response()
}

async fn no_such_method(State(shared): State<Shared>, uri: Uri, request: Request) -> Response {
    if !is_grpc(&request) {
        return not_grpc(&shared);
    }
    let status = Status::unimplemented(format!("no such method: {}", uri.path()));
    shared.store.refuse(Transport::Grpc, format!("{:?}: {}", status.code(), status.message()));
    status.into_http()
}

/// One call of `Export`.
struct Export {
    signal: Signal,
    shared: Shared,
    hold: Hold,
    /// Set if the answer is a fault that was asked for.
    faulty: Arc<AtomicBool>,
}

impl UnaryService<Bytes> for Export {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<tonic::Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let (signal, shared, hold, faulty) = (self.signal, self.shared.clone(), self.hold.clone(), self.faulty.clone());
        Box::pin(async move {
            let fault = fault::next(&shared, signal, &hold).await;
            if let Some(fault) = &fault
                && let Some(code) = fault.status
            {
                faulty.store(true, Ordering::Relaxed);
                let message = fault.message.as_deref().unwrap_or("a fault that was asked for");
                return Err(status(Code::from_i32(code.into()), message, fault.retry_after));
            }
            shared
                .ingest(signal, Encoding::Protobuf, request.get_ref())
                .map_err(|error| Status::invalid_argument(error.to_string()))?;
            let answer = message::success(signal, Encoding::Protobuf, Partial::of(fault.as_ref()));
            Ok(tonic::Response::new(answer.into()))
        })
    }
}

/// A status; with `RetryInfo` if the client may try again, which is how OTLP/gRPC says so.
fn status(code: Code, message: &str, retry_after: Option<u64>) -> Status {
    match retry_after {
        None => Status::new(code, message),
        Some(seconds) => {
            let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(seconds)));
            Status::with_error_details(code, message, details)
        }
    }
}
