//! The span and the measurements of a received request, from its head to the last byte of its answer.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{Router, body::Body, extract::Request, response::Response, routing::future::RouteFuture};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower::Service;

use super::METRICS;
use crate::telemetry::{Running, Telemetry, spans};

/// The routes, with every request to them observed, but for scrapes.
///
/// It goes around the router. A layer inside of it would be told which route matched, and would cost each request nine
/// allocations; the routes have no parameters, so that the path tells as much.
#[derive(Clone)]
pub struct Observed {
    router: Router,
    telemetry: Telemetry,
    routes: &'static spans::Routes,
}

impl Observed {
    /// `paths` are the routes of `router` that are observed, all without parameters. Kept for good: for a service's own use.
    pub(super) fn new(router: Router, telemetry: Telemetry, paths: &[&'static str]) -> Self {
        debug_assert!(paths.iter().all(|path| !path.contains('{')), "a route with parameters is not known by its path");
        Self { router, telemetry, routes: Box::leak(Box::new(spans::Routes::new(paths))) }
    }

    #[inline(never)]
    fn start(&self, request: &Request) -> Option<Running<spans::HttpServer>> {
        if request.uri().path() == METRICS {
            return None;
        }
        let parent = self.telemetry.extract(request.headers());
        let operation = self.routes.request(request);
        if let Some(metrics) = self.telemetry.metrics() {
            operation.count(metrics);
        }
        Some(self.telemetry.start_under(&parent, operation))
    }
}

impl fmt::Debug for Observed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").field("router", &self.router).finish_non_exhaustive()
    }
}

impl Service<Request> for Observed {
    type Response = Response;
    type Error = Infallible;
    type Future = Observing;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Observing {
        let running = self.start(&request);
        Observing { answering: self.router.call(request), running }
    }
}

pin_project! {
    /// The answer to an observed request, as far as its head.
    pub struct Observing {
        // Dropped first: what the handler works on ends before the request does.
        #[pin]
        answering: RouteFuture<Infallible>,
        running: Option<Running<spans::HttpServer>>,
    }
}

impl fmt::Debug for Observing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observing").finish_non_exhaustive()
    }
}

impl Future for Observing {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let polled = {
            let _current = this.running.as_ref().map(Running::enter);
            this.answering.poll(cx)
        };
        let Ok(response) = ready!(polled);
        let Some(mut running) = this.running.take() else { return Poll::Ready(Ok(response)) };
        if let Some(span) = running.operation() {
            span.status = Some(response.status().as_u16());
        }
        // Made already, as a whole: the server takes it with the head, and nobody waits for more.
        if response.body().size_hint().exact().is_some() {
            running.succeed(&());
            return Poll::Ready(Ok(response));
        }
        Poll::Ready(Ok(response.map(|body| Body::new(ObservedBody { body, running: Some(running) }))))
    }
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
