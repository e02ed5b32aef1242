//! OTLP over HTTP by the caller's client.

use std::sync::Arc;

use http::{
    HeaderMap, Request,
    header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue},
};
use opentelemetry_http::HttpClient;

use super::{Attempt, Compression, Message, http::gzip, rejected, retry};

pub(super) struct Carried {
    client: Arc<dyn HttpClient>,
    url: String,
    headers: HeaderMap,
    compression: Option<Compression>,
}

impl Carried {
    pub(super) fn new(
        client: Arc<dyn HttpClient>,
        url: String,
        mut headers: HeaderMap,
        compression: Option<Compression>,
    ) -> Self {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
        if let Some(Compression::Gzip) = compression {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Self { client, url, headers, compression }
    }

    pub(super) async fn attempt(&self, message: Message) -> Attempt {
        let body = match self.compression {
            None => message.joined(),
            Some(Compression::Gzip) => match gzip(&message) {
                Ok(body) => body,
                Err(_) => return Attempt::Refused,
            },
        };
        let Ok(mut request) = Request::post(&self.url).body(body.into()) else { return Attempt::Refused };
        *request.headers_mut() = self.headers.clone();
        match self.client.send_bytes(request).await {
            Err(_) => Attempt::Again(None),
            Ok(response) => retry::failed(response.status(), response.headers())
                .unwrap_or_else(|| Attempt::Taken(rejected(response.into_body()))),
        }
    }
}
