//! HTTP, both sides. Buckets as the conventions give them.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{KeyValue, Value};

use super::{Histogram, Instruments, KnownHistogram, KnownUpDownCounter, UpDownCounter};
use crate::telemetry::{names::attribute, scratch::with_attributes};

const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

pub(crate) struct HttpMetrics {
    server_duration: Histogram<f64>,
    server_active: UpDownCounter,
    client_duration: Histogram<f64>,
}

/// The labels of `http.server.active_requests`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActiveLabels {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
}

/// The labels of `http.server.request.duration`.
pub(crate) struct ServerLabels {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) protocol_version: &'static str,
    pub(crate) route: Option<&'static str>,
    pub(crate) status: Option<u16>,
    pub(crate) error_type: Option<Cow<'static, str>>,
}

/// The labels of `http.client.request.duration`.
pub(crate) struct ClientLabels {
    pub(crate) method: &'static str,
    pub(crate) server: [KeyValue; 2],
    pub(crate) status: Option<u16>,
    pub(crate) error_type: Option<Cow<'static, str>>,
}

impl HttpMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        Self {
            server_duration: make.seconds(
                "http.server.request.duration",
                "Duration of HTTP server requests, to the last byte of the body.",
                &BUCKETS,
            ),
            server_active: make.up_down_counter(
                "http.server.active_requests",
                "{request}",
                "Number of active HTTP server requests.",
            ),
            client_duration: make.seconds(
                "http.client.request.duration",
                "Duration of HTTP client requests, to the end of the response's head.",
                &BUCKETS,
            ),
        }
    }

    pub(crate) fn server_request_active(&self, labels: ActiveLabels, change: i64) {
        self.server_active.record(change, &labels.list());
    }

    /// The same for requests of a kind whose series is known after the first.
    pub(crate) fn server_usual_active(&self, known: &KnownUpDownCounter, labels: ActiveLabels, change: i64) {
        self.server_active.record_known(known, change, |list| list.extend(labels.list()));
    }

    pub(crate) fn server_request(&self, elapsed: Duration, labels: &ServerLabels) {
        with_attributes(|list| {
            server(list, labels);
            self.server_duration.record(elapsed.as_secs_f64(), list);
        });
    }

    /// A request that was answered with 200, of a kind whose series is known after the first.
    pub(crate) fn server_succeeded(&self, known: &KnownHistogram<f64>, elapsed: Duration, labels: &ServerLabels) {
        self.server_duration.record_known(known, elapsed.as_secs_f64(), |list| server(list, labels));
    }

    /// A request that was answered with 200, of a kind whose series is known after the first.
    pub(crate) fn client_succeeded(&self, known: &KnownHistogram<f64>, elapsed: Duration, labels: ClientLabels) {
        self.client_duration.record_known(known, elapsed.as_secs_f64(), |attributes| client(attributes, labels));
    }

    pub(crate) fn client_request(&self, elapsed: Duration, labels: ClientLabels) {
        with_attributes(|attributes| {
            client(attributes, labels);
            self.client_duration.record(elapsed.as_secs_f64(), attributes);
        });
    }
}

impl ActiveLabels {
    fn list(self) -> [KeyValue; 2] {
        [KeyValue::new(attribute::HTTP_REQUEST_METHOD, self.method), KeyValue::new(attribute::URL_SCHEME, self.scheme)]
    }
}

fn server(attributes: &mut Vec<KeyValue>, labels: &ServerLabels) {
    attributes.push(KeyValue::new(attribute::HTTP_REQUEST_METHOD, labels.method));
    attributes.push(KeyValue::new(attribute::URL_SCHEME, labels.scheme));
    attributes.push(KeyValue::new(attribute::NETWORK_PROTOCOL_VERSION, labels.protocol_version));
    attributes.extend(labels.route.map(|route| KeyValue::new(attribute::HTTP_ROUTE, route)));
    push_result(attributes, labels.status, labels.error_type.clone());
}

fn client(attributes: &mut Vec<KeyValue>, labels: ClientLabels) {
    attributes.push(KeyValue::new(attribute::HTTP_REQUEST_METHOD, labels.method));
    attributes.extend(labels.server);
    push_result(attributes, labels.status, labels.error_type);
}

fn push_result(attributes: &mut Vec<KeyValue>, status: Option<u16>, error_type: Option<Cow<'static, str>>) {
    attributes.extend(status.map(|status| KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status))));
    attributes.extend(error_type.map(|error_type| KeyValue::new(attribute::ERROR_TYPE, Value::from(error_type))));
}
