//! HTTP, both sides. Buckets as the conventions give them.

use std::{borrow::Cow, time::Duration};

use opentelemetry::{
    KeyValue, Value,
    metrics::{Histogram, Meter, UpDownCounter},
};

use super::seconds;
use crate::telemetry::names::attribute;

const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

pub(crate) struct HttpMetrics {
    server_duration: Histogram<f64>,
    server_active: UpDownCounter<i64>,
    client_duration: Histogram<f64>,
}

/// The labels of `http.server.request.duration`.
pub(crate) struct ServerLabels<'a> {
    pub(crate) method: &'static str,
    pub(crate) scheme: &'static str,
    pub(crate) protocol_version: &'static str,
    pub(crate) route: Option<&'a str>,
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
    pub(super) fn new(meter: &Meter) -> Self {
        Self {
            server_duration: seconds(
                meter,
                "http.server.request.duration",
                "Duration of HTTP server requests, to the last byte of the body.",
                &BUCKETS,
            ),
            server_active: meter
                .i64_up_down_counter("http.server.active_requests")
                .with_unit("{request}")
                .with_description("Number of active HTTP server requests.")
                .build(),
            client_duration: seconds(
                meter,
                "http.client.request.duration",
                "Duration of HTTP client requests, to the end of the response's head.",
                &BUCKETS,
            ),
        }
    }

    pub(crate) fn server_request_active(&self, method: &'static str, scheme: &'static str, change: i64) {
        let labels =
            [KeyValue::new(attribute::HTTP_REQUEST_METHOD, method), KeyValue::new(attribute::URL_SCHEME, scheme)];
        self.server_active.add(change, &labels);
    }

    pub(crate) fn server_request(&self, elapsed: Duration, labels: &ServerLabels<'_>) {
        let mut attributes = vec![
            KeyValue::new(attribute::HTTP_REQUEST_METHOD, labels.method),
            KeyValue::new(attribute::URL_SCHEME, labels.scheme),
            KeyValue::new(attribute::NETWORK_PROTOCOL_VERSION, labels.protocol_version),
        ];
        if let Some(route) = labels.route {
            attributes.push(KeyValue::new(attribute::HTTP_ROUTE, route.to_owned()));
        }
        push_result(&mut attributes, labels.status, labels.error_type.clone());
        self.server_duration.record(elapsed.as_secs_f64(), &attributes);
    }

    pub(crate) fn client_request(&self, elapsed: Duration, labels: ClientLabels) {
        let mut attributes = vec![KeyValue::new(attribute::HTTP_REQUEST_METHOD, labels.method)];
        attributes.extend(labels.server);
        push_result(&mut attributes, labels.status, labels.error_type);
        self.client_duration.record(elapsed.as_secs_f64(), &attributes);
    }
}

fn push_result(attributes: &mut Vec<KeyValue>, status: Option<u16>, error_type: Option<Cow<'static, str>>) {
    if let Some(status) = status {
        attributes.push(KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status)));
    }
    if let Some(error_type) = error_type {
        attributes.push(KeyValue::new(attribute::ERROR_TYPE, Value::from(error_type)));
    }
}
