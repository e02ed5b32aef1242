//! The span and the measurements of a received request, from its head to the last byte of its answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::telemetry::{Running, Telemetry, spans};

/// What observes requests.
#[derive(Clone)]
pub(super) struct Observer {
    telemetry: Telemetry,
    routes: spans::Routes,
}

impl Observer {
    pub(super) fn new(telemetry: Telemetry) -> Self {
        Self { telemetry, routes: spans::Routes::default() }
    }
}

pub(super) async fn observe(State(observer): State<Observer>, request: Request, next: Next) -> Response {
    let Observer { telemetry, routes } = observer;
    let parent = telemetry.extract(request.headers());
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let operation = routes.request(&request, route);
    if let Some(metrics) = telemetry.metrics() {
        operation.count(metrics);
    }
    let mut running = telemetry.start_under(&parent, operation);
    let response = running.within(next.run(request)).await;
    if let Some(span) = running.operation() {
        span.status = Some(response.status().as_u16());
    }
    response.map(|body| Body::new(ObservedBody { body, running: Some(running) }))
}

/// A body whose end is the end of the request. Dropped before its end, the request ends as abandoned.
struct ObservedBody {
    /// Dropped first: what the body works on ends before the request does.
    body: Body,
    running: Option<Running<spans::HttpServer>>,
}

impl ObservedBody {
    fn ended(&mut self) {
        if let Some(running) = self.running.take() {
            running.succeed(&());
        }
    }
}

impl HttpBody for ObservedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let _current = self.running.as_ref().map(Running::enter);
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        // A body that knows its last piece ends with it, before the piece is written: who has the whole answer then
        // finds the request measured.
        if matches!(polled, Poll::Ready(None)) || (polled.is_ready() && self.body.is_end_stream()) {
            self.ended();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for ObservedBody {
    fn drop(&mut self) {
        // The server does not ask for the end of a body that it knows has ended.
        if self.body.is_end_stream() {
            self.ended();
        }
    }
}
