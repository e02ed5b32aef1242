//! A request we received, to the last byte of its response.

use std::{borrow::Cow, time::Duration};

use http::{Method, Request, Version};
use opentelemetry::{KeyValue, trace::SpanKind};

use crate::telemetry::{
    Operation, Outcome, Recorder, interned,
    metrics::{Metrics, http::ServerLabels},
    names::attribute,
    redaction::redacted_query,
};

/// The service speaks plain HTTP; what ends TLS in front of it is not its business.
const SCHEME: &str = "http";
/// Enough to see what an unknown method was; it comes from outside.
const LONGEST_METHOD: usize = 32;

pub(crate) struct HttpServer {
    method: &'static str,
    original_method: Option<String>,
    route: Option<&'static str>,
    /// Most routes have no parameters: their path is the template.
    path: Cow<'static, str>,
    query: Option<String>,
    version: &'static str,
    /// Set when the response's head is made.
    pub(crate) status: Option<u16>,
}

impl HttpServer {
    /// `route` is the template that matched; `None` for an unknown path.
    pub(crate) fn new<B>(request: &Request<B>, route: Option<&str>) -> Self {
        let known = known_method(request.method());
        // A template of the router's, of which there are few.
        let route = route.map(interned);
        let path = request.uri().path();
        Self {
            method: known.unwrap_or("_OTHER"),
            original_method: known.is_none().then(|| request.method().as_str().chars().take(LONGEST_METHOD).collect()),
            route,
            path: route.filter(|route| *route == path).map_or_else(|| path.to_owned().into(), Cow::Borrowed),
            query: request.uri().query().map(redacted_query),
            version: version(request.version()),
            status: None,
        }
    }

    /// Counts the request as active, until its end.
    pub(crate) fn count(&self, metrics: &Metrics) {
        metrics.http.server_request_active(self.method, SCHEME, 1);
    }
}

impl Operation for HttpServer {
    type Output = ();

    /// Low-cardinality by construction: a template or nothing.
    fn name(&self) -> Cow<'static, str> {
        let method = if self.original_method.is_some() { "HTTP" } else { self.method };
        self.route.map_or(Cow::Borrowed(method), |route| format!("{method} {route}").into())
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Server
    }

    fn start(&self, attributes: &mut Vec<KeyValue>) {
        attributes.push(KeyValue::new(attribute::HTTP_REQUEST_METHOD, self.method));
        attributes.push(KeyValue::new(attribute::URL_PATH, self.path.clone()));
        attributes.push(KeyValue::new(attribute::URL_SCHEME, SCHEME));
        attributes.push(KeyValue::new(attribute::NETWORK_PROTOCOL_VERSION, self.version));
        attributes.extend(self.route.map(|route| KeyValue::new(attribute::HTTP_ROUTE, route)));
        attributes.extend(self.query.clone().map(|query| KeyValue::new(attribute::URL_QUERY, query)));
        attributes.extend(
            self.original_method.clone().map(|method| KeyValue::new(attribute::HTTP_REQUEST_METHOD_ORIGINAL, method)),
        );
    }

    fn end(&mut self, _: &Outcome<'_, ()>, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(status) = self.status {
            to.set(|| [KeyValue::new(attribute::HTTP_RESPONSE_STATUS_CODE, i64::from(status))]);
        }
        // A 4xx is the client's error, not the server's; a client that left after the head was sent is neither.
        let error_type: Option<Cow<'static, str>> =
            self.status.filter(|status| *status >= 500).map(|status| Cow::Owned(status.to_string()));
        if let Some(error_type) = &error_type {
            to.fail(error_type.clone(), "");
        }
        to.metrics.http.server_request_active(self.method, SCHEME, -1);
        to.metrics.http.server_request(
            elapsed,
            &ServerLabels {
                method: self.method,
                scheme: SCHEME,
                protocol_version: self.version,
                route: self.route,
                status: self.status,
                error_type,
            },
        );
    }
}

/// The methods the conventions know; every other one is `_OTHER`.
fn known_method(method: &Method) -> Option<&'static str> {
    Some(match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::PATCH => "PATCH",
        Method::TRACE => "TRACE",
        _ => return None,
    })
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}
