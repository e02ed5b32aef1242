//! One attempt of an HTTP request we send, to the end of the response's head.

use std::time::Duration;

use opentelemetry::{
    KeyValue,
    trace::{SpanBuilder, SpanKind},
};

use crate::{
    clients::Endpoint,
    telemetry::{Operation, Outcome, Recorder, metrics::http::ClientLabels, names::attribute, redacted_url},
};

pub(crate) struct HttpClient {
    method: &'static str,
    url: String,
    server: [KeyValue; 2],
    resend_count: u32,
    /// Set when the head has come, whatever its status.
    pub(crate) status: Option<u16>,
}

impl HttpClient {
    /// `resend_count` is 0 for the first attempt.
    pub(crate) fn post(url: &reqwest::Url, resend_count: u32) -> Self {
        let server = Endpoint::of(url, 80).attributes();
        Self { method: "POST", url: redacted_url(url), server, resend_count, status: None }
    }
}

impl Operation for HttpClient {
    /// The status is noted on the way, since an error status is a failure too.
    type Output = reqwest::Response;

    fn builder(&self) -> SpanBuilder {
        let mut attributes = vec![
            KeyValue::new(attribute::HTTP_REQUEST_METHOD, self.method),
            KeyValue::new(attribute::URL_FULL, self.url.clone()),
        ];
        attributes.extend(self.server.iter().cloned());
        if self.resend_count > 0 {
            attributes.push(KeyValue::new(attribute::HTTP_REQUEST_RESEND_COUNT, i64::from(self.resend_count)));
        }
        SpanBuilder::from_name(self.method).with_kind(SpanKind::Client).with_attributes(attributes)
    }

    fn end(&mut self, outcome: &Outcome<'_, reqwest::Response>, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(status) = self.status {
            to.set(|| [KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status))]);
        }
        let labels = ClientLabels {
            method: self.method,
            server: self.server.clone(),
            status: self.status,
            error_type: outcome.error_type(),
        };
        to.metrics.http.client_request(elapsed, labels);
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}
