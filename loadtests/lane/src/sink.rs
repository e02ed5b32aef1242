//! Where OTLP ends: it is counted and thrown away.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};

use crate::wire;

/// Takes every export at once.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    spans: AtomicU64,
    span_bytes: AtomicU64,
    log_bytes: AtomicU64,
}

/// What has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    /// Spans.
    pub(crate) spans: u64,
    /// The messages they came in.
    pub(crate) span_bytes: u64,
    /// The messages log records came in.
    pub(crate) log_bytes: u64,
}

impl Sink {
    pub(crate) fn exported(&self) -> Exported {
        Exported {
            spans: self.spans.load(Ordering::Relaxed),
            span_bytes: self.span_bytes.load(Ordering::Relaxed),
            log_bytes: self.log_bytes.load(Ordering::Relaxed),
        }
    }

    fn take(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let bytes = request.body().len() as u64;
        if request.uri().path() == "/v1/traces" {
            self.spans.fetch_add(wire::spans_in(request.body())?, Ordering::Relaxed);
            self.span_bytes.fetch_add(bytes, Ordering::Relaxed);
        } else {
            self.log_bytes.fetch_add(bytes, Ordering::Relaxed);
        }
        // An empty message says that all of it was accepted.
        Ok(Response::new(Bytes::new()))
    }
}

impl HttpClient for Sink {
    fn send_bytes<'life, 'future>(
        &'life self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        let taken = self.take(&request);
        Box::pin(async { taken })
    }
}
