//! One attempt of an HTTP request we send, to the end of the response's head.

use std::{
    borrow::Cow,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use opentelemetry::{KeyValue, trace::SpanKind};
use rustc_hash::FxHashMap;

use crate::{
    clients::Endpoint,
    telemetry::{
        Operation, Outcome, Prepared, Recorder, interned,
        metrics::{KnownHistogram, http::ClientLabels},
        names::attribute,
        redacted_url,
    },
};

pub(crate) struct HttpClient {
    target: &'static Target,
    resend_count: u32,
    /// Set when the head has come, whatever its status.
    pub(crate) status: Option<u16>,
}

/// The URLs that a client asks. They are made from settings alone, so they are few, and kept for good.
#[derive(Clone, Default)]
pub(crate) struct Targets(Arc<RwLock<FxHashMap<String, &'static Target>>>);

/// Every request to one URL.
struct Target {
    method: &'static str,
    server: Endpoint,
    attributes: Prepared,
    /// Those answered with 200.
    ok: KnownHistogram<f64>,
}

impl Targets {
    /// `resend_count` is 0 for the first attempt.
    pub(crate) fn post(&self, url: &reqwest::Url, resend_count: u32) -> HttpClient {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(url.as_str()).copied();
        let target = known.unwrap_or_else(|| {
            let mut targets = self.0.write().unwrap_or_else(PoisonError::into_inner);
            targets.entry(url.as_str().to_owned()).or_insert_with(|| Box::leak(Box::new(Target::new("POST", url))))
        });
        HttpClient { target, resend_count, status: None }
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
        Self { method, server, attributes: Prepared::new(attributes), ok: KnownHistogram::default() }
    }
}

impl Operation for HttpClient {
    /// The status is noted on the way, since an error status is a failure too.
    type Output = reqwest::Response;

    fn name(&self) -> Cow<'static, str> {
        self.target.method.into()
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Client
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        (self.resend_count == 0).then_some(&self.target.attributes)
    }

    fn start(&self, attributes: &mut Vec<KeyValue>) {
        attributes.extend_from_slice(self.target.attributes.list());
        attributes.push(KeyValue::new(attribute::HTTP_REQUEST_RESEND_COUNT, i64::from(self.resend_count)));
    }

    fn end(&mut self, outcome: &Outcome<'_, reqwest::Response>, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(status) = self.status {
            to.set(|| [KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status))]);
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
