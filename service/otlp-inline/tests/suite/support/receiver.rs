//! An OTLP receiver on loopback, gRPC and HTTP on one port, that keeps requests as they came: their path, their headers,
//! how they were compressed. The harness's collector keeps what they say; these tests ask how it is said.

use std::{
    collections::VecDeque,
    io::Read as _,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request, response::Response};
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use opentelemetry_proto::tonic::{
    collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse},
    trace::v1::Span,
};
use otlp_inline::{Otlp, Protocol};
use prost::Message as _;
use tokio::{net::TcpSocket, runtime::Runtime, sync::watch};
use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt as _};

/// Both ways to it.
pub(crate) const BOTH: [Protocol; 2] = [Protocol::Grpc, Protocol::HttpProtobuf];

/// A running receiver. Dropping it closes its port and its connections.
pub(crate) struct Receiver {
    listener: TcpListener,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) at: Instant,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) compressed: bool,
    /// Decompressed, and out of gRPC's frame.
    pub(crate) message: Bytes,
    /// Whether it was answered well.
    pub(crate) taken: bool,
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Take,
    /// Taken, but for this many items.
    TakeBut(i64),
    Refuse {
        status: u16,
        code: Code,
        retry_after: Option<Duration>,
    },
    Redirect(String),
}

struct Shared {
    received: Mutex<Vec<Received>>,
    /// Of the next requests; those after them are taken.
    answers: Mutex<VecDeque<Answer>>,
    /// Requests wait for their answers while it is closed.
    gate: watch::Sender<bool>,
}

/// An address that refuses connections until there is a receiver.
pub(crate) struct Reserved(TcpSocket);

impl Reserved {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self(socket)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().unwrap())
    }

    pub(crate) fn listen(self) -> Receiver {
        let runtime = runtime();
        let listener = runtime.block_on(async { self.0.listen(64).unwrap().into_std().unwrap() });
        Receiver::on(listener)
    }
}

impl Receiver {
    pub(crate) fn start() -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    fn on(listener: TcpListener) -> Self {
        listener.set_nonblocking(true).unwrap();
        let shared =
            Arc::new(Shared { received: Mutex::default(), answers: Mutex::default(), gate: watch::Sender::new(true) });
        let mut receiver = Self { listener, shared, runtime: None };
        receiver.restart();
        receiver
    }

    /// Breaks every connection, as a restart does; the port stays.
    pub(crate) fn restart(&mut self) {
        self.stop();
        let runtime = runtime();
        let (listener, shared) = (self.listener.try_clone().unwrap(), Arc::clone(&self.shared));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let app = Router::new().fallback(move |request| answer(Arc::clone(&shared), request));
            axum::serve(listener, app).await.unwrap();
        });
        self.runtime = Some(runtime);
    }

    fn stop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    pub(crate) fn otlp(&self, protocol: Protocol) -> Otlp {
        otlp(protocol, self.url())
    }

    /// Answers the next requests like this, and later ones well.
    pub(crate) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.answers.lock().unwrap().extend(answers);
    }

    /// Keeps requests waiting for their answers.
    pub(crate) fn close(&self) {
        self.shared.gate.send_replace(false);
    }

    /// Answers those that wait, and later ones at once.
    pub(crate) fn open(&self) {
        self.shared.gate.send_replace(true);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// The spans of the requests that were taken.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let taken = self.received().into_iter().filter(|request| request.taken);
        taken.flat_map(|request| request.spans()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Received {
    pub(crate) fn spans(&self) -> Vec<Span> {
        let request = ExportTraceServiceRequest::decode(self.message.clone()).unwrap();
        let scopes = request.resource_spans.into_iter().flat_map(|spans| spans.scope_spans);
        scopes.flat_map(|spans| spans.spans).collect()
    }
}

pub(crate) fn otlp(protocol: Protocol, url: String) -> Otlp {
    match protocol {
        Protocol::Grpc => Otlp::grpc(url),
        Protocol::HttpProtobuf => Otlp::http(url),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

async fn answer(shared: Arc<Shared>, request: Request) -> Response {
    let at = Instant::now();
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let is_grpc = head.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/grpc");
    let (compressed, message) = if is_grpc { unframed(body) } else { plain(&head.headers, body) };
    let answer = shared.answers.lock().unwrap().pop_front().unwrap_or(Answer::Take);
    let taken = matches!(answer, Answer::Take | Answer::TakeBut(_));
    let path = head.uri.path().to_owned();
    shared.received.lock().unwrap().push(Received { at, path, headers: head.headers, compressed, message, taken });
    shared.gate.subscribe().wait_for(|is_open| *is_open).await.unwrap();
    match answer {
        Answer::Take if is_grpc => framed(Bytes::new()),
        Answer::Take => Response::new(Body::empty()),
        Answer::TakeBut(rejected) => {
            let partial = ExportTracePartialSuccess { rejected_spans: rejected, error_message: "too big".to_owned() };
            let message = ExportTraceServiceResponse { partial_success: Some(partial) }.encode_to_vec().into();
            if is_grpc { framed(message) } else { Response::new(Body::from(message)) }
        }
        Answer::Refuse { code, retry_after, .. } if is_grpc => {
            let status = match retry_after {
                None => tonic::Status::new(code, "no"),
                Some(delay) => {
                    let details = ErrorDetails::with_retry_info(Some(delay));
                    tonic::Status::with_error_details(code, "no", details)
                }
            };
            status.into_http()
        }
        Answer::Refuse { status, retry_after, .. } => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Some(delay) = retry_after {
                response.headers_mut().insert(header::RETRY_AFTER, delay.as_secs().into());
            }
            response
        }
        Answer::Redirect(to) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_str(&to).unwrap());
            response
        }
    }
}

/// A message out of gRPC's frame: a flag, the length in four bytes, the message.
fn unframed(mut body: Bytes) -> (bool, Bytes) {
    let compressed = body.get_u8() == 1;
    assert_eq!(body.get_u32() as usize, body.len(), "one message, whole");
    (compressed, if compressed { gunzip(&body) } else { body })
}

fn plain(headers: &HeaderMap, body: Bytes) -> (bool, Bytes) {
    let compressed = headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    (compressed, if compressed { gunzip(&body) } else { body })
}

fn gunzip(bytes: &[u8]) -> Bytes {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain.into()
}

fn framed(message: Bytes) -> Response {
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(message.len().try_into().unwrap());
    frame.put(message);
    let trailers =
        HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from_static("0"))]);
    let body = Full::new(frame.freeze()).with_trailers(async { Some(Ok(trailers)) });
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    response
}
