//! HTTP, both sides. Buckets as the conventions give them.

use std::{
    borrow::Cow,
    sync::{
        OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use opentelemetry::{KeyValue, Value};

use super::{Histogram, Instruments, KnownHistogram};
use crate::telemetry::{few::Few, names::attribute, scratch::with_attributes};

const BUCKETS: [f64; 14] = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

pub(crate) struct HttpMetrics {
    server_duration: Histogram<f64>,
    /// Kept for good, as the instruments are.
    active: &'static Few<Active>,
    client_duration: Histogram<f64>,
}

/// The labels of `http.server.active_requests`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// As many methods as the conventions know, and `_OTHER`.
const MOST_ACTIVE: usize = 10;

/// Requests that are being answered. Counted here and read when they are shown: a count in the SDK is five places to fetch in
/// the middle of a request.
struct Active {
    labels: ActiveLabels,
    count: AtomicI64,
}

/// Requests that always have the same labels: found at the first of them, held from then on.
#[derive(Default)]
pub(crate) struct KnownActive(OnceLock<Option<&'static Active>>);

impl HttpMetrics {
    pub(super) fn new(make: &mut Instruments<'_>) -> Self {
        let active: &'static Few<Active> = Box::leak(Box::default());
        make.meter()
            .i64_observable_up_down_counter("http.server.active_requests")
            .with_unit("{request}")
            .with_description("Number of active HTTP server requests.")
            .with_callback(move |observer| {
                for Active { labels, count } in active.each() {
                    observer.observe(count.load(Ordering::Relaxed), &labels.list());
                }
            })
            .build();
        Self {
            server_duration: make.seconds(
                "http.server.request.duration",
                "Duration of HTTP server requests, to the last byte of the body.",
                &BUCKETS,
            ),
            active,
            client_duration: make.seconds(
                "http.client.request.duration",
                "Duration of HTTP client requests, to the end of the response's head.",
                &BUCKETS,
            ),
        }
    }

    /// Counts requests as active, or with -1 as active no more. `known` is for those that have these labels always.
    pub(crate) fn server_active(&self, known: Option<&KnownActive>, labels: ActiveLabels, change: i64) {
        let active = match known {
            Some(known) => *known.0.get_or_init(|| self.active(labels)),
            None => self.active(labels),
        };
        if let Some(active) = active {
            active.count.fetch_add(change, Ordering::Relaxed);
        }
    }

    /// `None` of one too many.
    #[cold]
    fn active(&self, labels: ActiveLabels) -> Option<&'static Active> {
        self.active.find_or_add(
            |active| active.labels == labels,
            MOST_ACTIVE,
            || Active { labels, count: AtomicI64::new(0) },
        )
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
