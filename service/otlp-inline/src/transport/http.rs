//! OTLP over HTTP/1.1: protobuf, by reqwest.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::Write as _,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use flate2::{Compression as Level, write::GzEncoder};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http_body::{Body, Frame, SizeHint};

use super::{Attempt, Compression, Message, Otlp, TransportError, rejected, retry};
use crate::stats::Signal;

pub(super) struct Http {
    client: reqwest::Client,
    url: String,
    compression: Option<Compression>,
}

impl Http {
    pub(super) fn new(otlp: &Otlp, signal: Signal) -> Result<Self, TransportError> {
        let mut headers = otlp.headers.clone();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        // reqwest wants a TLS provider even for plain HTTP. Whoever installed one before keeps it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .default_headers(headers)
            // A redirect would take the headers, and the credentials in them, elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            // The exporter's own retries are those of the specification. For reqwest's, each request would be copied.
            .retry(reqwest::retry::never())
            // Answers are a few bytes; none is asked to be compressed because some other crate can undo it.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .no_proxy()
            .build()
            .map_err(TransportError::Http)?;
        Ok(Self { client, url: otlp.url(signal), compression: otlp.compression })
    }

    pub(super) async fn attempt(&self, message: Message) -> Attempt {
        let request = self.client.post(&self.url);
        let request = match self.compression {
            None => request.body(reqwest::Body::wrap(Parts::new(message))),
            Some(Compression::Gzip) => match gzip(&message) {
                Ok(body) => request.header(CONTENT_ENCODING, HeaderValue::from_static("gzip")).body(body),
                Err(_) => return Attempt::Refused,
            },
        };
        let Ok(response) = request.send().await else { return Attempt::Again(None) };
        if let Some(failed) = retry::failed(response.status(), response.headers()) {
            return failed;
        }
        // The status has said it; an answer that breaks off says nothing more.
        Attempt::Taken(response.bytes().await.map_or(0, rejected))
    }
}

pub(super) fn gzip(message: &Message) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    for part in &message.parts {
        encoder.write_all(part)?;
    }
    encoder.finish()
}

/// A body of known length in several parts, which nobody has to copy into one.
struct Parts {
    left: VecDeque<Bytes>,
    length: u64,
}

impl Parts {
    fn new(message: Message) -> Self {
        Self { length: message.length as u64, left: message.parts.into() }
    }
}

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.left.pop_front();
        self.length -= part.as_ref().map_or(0, |part| part.len() as u64);
        Poll::Ready(part.map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
