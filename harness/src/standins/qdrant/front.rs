//! In front of a real Qdrant: faults and records are the stand-in's, answers the real one's.
//!
//! Bodies pass as they are, neither decoded nor compressed anew, so that what this version of the API does not know
//! survives. Qdrant's own methods have one message each way, which is read whole: that gives the numbers of the record,
//! and a client never sees half an answer. All others (health, reflection) are passed on piece by piece.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, Request, StatusCode, Version, header, request, response};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use tonic::metadata::MetadataMap;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tower::ServiceExt;

use super::desk::{begin, grpc_code, meet_fault};
use super::methods;
use crate::standins::record::{Desk, Pending};
use crate::standins::upstream::{self, chain};
use crate::standins::wire::Cut;

/// A URL as people write it, for error messages.
const EXAMPLE: &str = "http://127.0.0.1:6334";

/// The real Qdrant, and the desk in front of it.
#[derive(Debug)]
pub(super) struct Front {
    desk: Desk,
    channel: Channel,
    url: String,
}

impl Front {
    pub(super) fn new(url: &str, desk: Desk) -> std::io::Result<Self> {
        Ok(Self { desk, channel: upstream::grpc(url, EXAMPLE)?, url: upstream::without_password(url) })
    }

    /// Every request goes through [`serve`].
    pub(super) fn router(self) -> Router {
        Router::new().fallback(serve).with_state(Arc::new(self))
    }

    async fn ask(
        &self,
        head: request::Parts,
        body: tonic::body::Body,
    ) -> Result<(response::Parts, tonic::body::Body), Status> {
        let mut request = Request::new(body);
        *request.uri_mut() = head.uri;
        *request.method_mut() = head.method;
        *request.version_mut() = Version::HTTP_2;
        *request.headers_mut() = head.headers;
        // The address of the stand-in, which is nothing to the real server.
        request.headers_mut().remove(header::HOST);
        match self.channel.clone().oneshot(request).await {
            Ok(response) => Ok(response.into_parts()),
            Err(error) => Err(match Status::from_error(Box::new(error)) {
                // The client's own deadline.
                late if matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled) => late,
                other => self.unavailable(&std::error::Error::source(&other).map_or_else(|| other.to_string(), chain)),
            }),
        }
    }

    fn unavailable(&self, why: &str) -> Status {
        Status::unavailable(format!("Qdrant at {} gave no answer: {why} (is that its gRPC address?)", self.url))
    }
}

async fn serve(State(front): State<Arc<Front>>, request: Request<Body>) -> Response {
    if !is_grpc(request.headers()) {
        let text = "not a gRPC request: this is the gRPC port of Qdrant";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, text).into_response();
    }
    let (head, body) = request.into_parts();
    if !head.uri.path().starts_with("/qdrant.") {
        return pass(&front, head, body).await;
    }
    // Fails if the client leaves while it is still sending.
    let Ok(body) = body.collect().await else { return Status::cancelled("the request broke off").into_http() };
    call(&front, head, body.to_bytes()).await.unwrap_or_else(Status::into_http)
}

/// One message there, one back.
async fn call(front: &Front, head: request::Parts, request: Bytes) -> Result<Response, Status> {
    let path = head.uri.path().to_owned();
    let mut pending = admit(front, &head).await?;

    let asked = async {
        let (mut answer, body) = front.ask(head, tonic::body::Body::new(Full::new(request.clone()))).await?;
        let body = body.collect().await.map_err(|error| front.unavailable(&chain(&error)))?;
        let trailers = body.trailers().cloned();
        let status = Status::from_header_map(&answer.headers)
            .or_else(|| trailers.as_ref().and_then(Status::from_header_map))
            .ok_or_else(|| front.unavailable(&format!("HTTP {} without a gRPC status", answer.status.as_u16())))?;
        // Set again for the body that is sent; it may be there only if nothing but headers came.
        answer.headers.remove(header::CONTENT_LENGTH);
        Ok((answer, body.to_bytes(), trailers, status))
    };
    match asked.await {
        Err(status) => Err(closed(pending, status)),
        Ok((answer, body, trailers, status)) => {
            if status.code() == Code::Ok {
                pending.count(|| methods::fact(&path, &request, &body));
            }
            record(pending, &status);
            let body = Full::new(body).with_trailers(async { trailers.map(Ok) });
            Ok(Response::from_parts(answer, Body::new(body)))
        }
    }
}

/// Messages there and back as they come.
async fn pass(front: &Arc<Front>, head: request::Parts, body: Body) -> Response {
    let asked = async {
        let pending = admit(front, &head).await?;
        match front.ask(head, tonic::body::Body::new(body)).await {
            Ok(answer) => Ok((pending, answer)),
            Err(status) => Err(closed(pending, status)),
        }
    };
    match asked.await {
        Err(status) => status.into_http(),
        Ok((pending, (answer, body))) => {
            let early = Status::from_header_map(&answer.headers);
            Response::from_parts(answer, Body::new(StreamBody::new(frames(Arc::clone(front), pending, early, body))))
        }
    }
}

/// The frames of an answer; one that breaks off ends with a status that says so. `early` is the status of an answer that
/// has no frames.
fn frames(
    front: Arc<Front>,
    pending: Pending,
    early: Option<Status>,
    mut body: tonic::body::Body,
) -> impl futures::Stream<Item = Result<Frame<Bytes>, std::convert::Infallible>> {
    async_stream::stream! {
        let status = loop {
            match body.frame().await {
                Some(Ok(frame)) => match frame.trailers_ref().map(Status::from_header_map) {
                    None => yield Ok(frame),
                    Some(status) => {
                        break (status.unwrap_or_else(|| Status::unknown("no status")), Some(frame));
                    }
                },
                Some(Err(error)) => break broken(front.unavailable(&chain(&error))),
                None => match early {
                    Some(status) => break (status, None),
                    None => break broken(front.unavailable("its answer ended without a status")),
                },
            }
        };
        let (status, last) = status;
        record(pending, &status);
        if let Some(frame) = last {
            yield Ok(frame);
        }
    }
    .boxed()
}

fn broken(status: Status) -> (Status, Option<Frame<Bytes>>) {
    let mut trailers = HeaderMap::new();
    // Fails for a message that is no header value, which a percent-encoded one always is.
    let _ = status.add_header(&mut trailers);
    (status, Some(Frame::trailers(trailers)))
}

/// Records the request and shows its fault.
async fn admit(front: &Front, head: &request::Parts) -> Result<Pending, Status> {
    let path = head.uri.path();
    let pending = begin(&front.desk, path, || MetadataMap::from_headers(head.headers.clone()));
    meet_fault(&front.desk, path, pending, head.extensions.get::<Cut>()).await
}

/// Records a call that failed.
fn closed(pending: Pending, status: Status) -> Status {
    record(pending, &status);
    status
}

fn record(mut pending: Pending, status: &Status) {
    if status.code() != Code::Ok {
        pending.note(|exchange| status.message().clone_into(&mut exchange.response_body));
    }
    pending.finish(grpc_code(status.code()));
}

fn is_grpc(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"))
}
