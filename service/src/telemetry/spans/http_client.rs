//! One attempt of an HTTP request we send, to the end of the response's head.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, trace::SpanKind};

use super::Any;
use crate::{
    clients::Endpoint,
    telemetry::{
        AttributeList, Operation, Outcome, Prepared, Recorder,
        few::Few,
        interned,
        metrics::{KnownHistogram, http::ClientLabels},
        names::attribute,
        redacted_url,
    },
};

#[derive(Clone, Copy)]
pub(crate) struct HttpClient {
    target: &'static Target,
    resend_count: u32,
    /// Set when the head has come, whatever its status.
    pub(crate) status: Option<u16>,
}

/// The URLs that a client asks. They are made from settings alone, so they are few. Kept for good: for a client's own use.
#[derive(Clone, Copy)]
pub(crate) struct Targets(&'static Few<Target>);

/// Should there be more after all, these are not told from each other.
const MOST_TARGETS: usize = 64;

/// Every request to one URL.
struct Target {
    url: String,
    method: &'static str,
    server: Endpoint,
    attributes: Prepared,
    /// Those answered with 200.
    ok: KnownHistogram<f64>,
}

impl Targets {
    pub(crate) fn new() -> Self {
        Self(Box::leak(Box::default()))
    }

    /// `resend_count` is 0 for the first attempt.
    pub(crate) fn post(self, url: &reqwest::Url, resend_count: u32) -> HttpClient {
        let make = || Target::new("POST", url);
        let target = self.0.find_or_add(|target| target.url == url.as_str(), MOST_TARGETS, make);
        HttpClient { target: target.unwrap_or_else(|| Box::leak(Box::new(make()))), resend_count, status: None }
    }
}

impl Target {
    fn new(method: &'static str, url: &reqwest::Url) -> Self {
        let server = Endpoint::of(url, 80);
        let mut attributes = vec![
            KeyValue::new(attribute::HTTP_REQUEST_METHOD, method),
            KeyValue::new(attribute::URL_FULL, interned(&redacted_url(url))),
        ];
        attributes.extend(server.attributes());
        let url = url.as_str().to_owned();
        Self { url, method, server, attributes: Prepared::new(attributes), ok: KnownHistogram::default() }
    }
}

impl Operation for HttpClient {
    /// The status is noted on the way, since an error status is a failure too.
    type Output = reqwest::Response;

    fn take(&mut self) -> Any {
        Any::HttpClient(*self)
    }

    fn name(&self) -> Cow<'static, str> {
        self.target.method.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        (self.resend_count == 0).then_some(&self.target.attributes)
    }

    fn start(&self, attributes: &mut AttributeList) {
        attributes.extend(self.target.attributes.list().iter().cloned());
        attributes.int(attribute::HTTP_REQUEST_RESEND_COUNT, self.resend_count.into());
    }

    fn end(&mut self, outcome: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(status) = self.status {
            to.set(|attributes| attributes.int(attribute::HTTP_RESPONSE_STATUS_CODE, status.into()));
        }
        let labels = ClientLabels {
            method: self.target.method,
            server: self.target.server.attributes(),
            status: self.status,
            error_type: outcome.error_type(),
        };
        if self.status == Some(200) && labels.error_type.is_none() {
            to.metrics.http.client_succeeded(&self.target.ok, elapsed, labels);
        } else {
            to.metrics.http.client_request(elapsed, labels);
        }
    }

    fn abandoned_as(&self) -> Option<&'static str> {
        Some("cancelled")
    }
}
