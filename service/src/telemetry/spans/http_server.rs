//! A request we received, to the last byte of its response.

use std::{borrow::Cow, sync::Arc, time::Duration};

use http::{Method, Request, Version};
use opentelemetry::{KeyValue, Value, trace::SpanKind};

use super::Any;
use crate::telemetry::{
    AttributeList, Operation, Outcome, Prepared, Recorder,
    few::Few,
    interned,
    metrics::{
        KnownHistogram, Metrics,
        http::{ActiveLabels, KnownActive, ServerLabels},
    },
    names::attribute,
    redaction::redacted_query,
};

/// The service speaks plain HTTP; what ends TLS in front of it is not its business.
const SCHEME: &str = "http";
/// Enough to see what an unknown method was; it comes from outside.
const LONGEST_METHOD: usize = 32;

#[derive(Clone)]
pub(crate) struct HttpServer {
    kind: Kind,
    /// Set when the response's head is made.
    pub(crate) status: Option<u16>,
}

/// Which requests are alike.
#[derive(Clone)]
enum Kind {
    /// All that can be told of it is told of all of its route.
    Usual(&'static Usual),
    Other(Arc<Other>),
}

/// What is told of this request alone.
struct Other {
    of_many: OfMany,
    original_method: Option<String>,
    path: String,
    query: Option<String>,
}

/// What is told of a request and of many others.
#[derive(Clone, Copy)]
struct OfMany {
    method: &'static str,
    route: Option<&'static str>,
    version: &'static str,
}

/// The routes of a service.
pub(crate) struct Routes(Box<[Route]>);

/// A route without parameters.
struct Route {
    path: &'static str,
    usual: Few<Usual>,
}

/// Methods times versions in use.
const MOST_USUAL: usize = 8;

/// Every request of one method for one route, without a query.
struct Usual {
    http_method: Method,
    http_version: Version,
    of_many: OfMany,
    /// `<method> <route>`.
    name: &'static str,
    attributes: Prepared,
    active: KnownActive,
    /// Those answered with 200.
    ok: KnownHistogram<f64>,
}

impl Routes {
    pub(crate) fn new(paths: &[&'static str]) -> Self {
        Self(paths.iter().map(|path| Route { path, usual: Few::default() }).collect())
    }

    pub(crate) fn request<B>(&self, request: &Request<B>) -> HttpServer {
        let (path, query) = (request.uri().path(), request.uri().query());
        let route = self.0.iter().find(|route| route.path == path);
        if let (Some(route), None) = (route, query)
            && let Some(usual) = route.usual(request.method(), request.version())
        {
            return HttpServer { kind: Kind::Usual(usual), status: None };
        }
        Self::other(route, request)
    }

    #[cold]
    fn other<B>(route: Option<&Route>, request: &Request<B>) -> HttpServer {
        let (path, query) = (request.uri().path(), request.uri().query());
        let known = known_method(request.method());
        let other = Other {
            of_many: OfMany {
                method: known.unwrap_or("_OTHER"),
                route: route.map(|route| route.path),
                version: version(request.version()),
            },
            original_method: known.is_none().then(|| request.method().as_str().chars().take(LONGEST_METHOD).collect()),
            path: path.to_owned(),
            query: query.map(redacted_query),
        };
        HttpServer { kind: Kind::Other(Arc::new(other)), status: None }
    }
}

impl Route {
    /// `None` for a method that the conventions do not know.
    fn usual(&self, method: &Method, version: Version) -> Option<&'static Usual> {
        let usual = self.usual.find(|usual| usual.is_of(method, version));
        usual.or_else(|| self.add_usual(method, version))
    }

    #[cold]
    fn add_usual(&self, method: &Method, version: Version) -> Option<&'static Usual> {
        let known = known_method(method)?;
        let make = || Usual::new(known, method, self.path, version);
        self.usual.find_or_add(|usual| usual.is_of(method, version), MOST_USUAL, make)
    }
}

impl Usual {
    fn is_of(&self, method: &Method, version: Version) -> bool {
        self.http_method == *method && self.http_version == version
    }

    fn new(method: &'static str, http_method: &Method, route: &'static str, http_version: Version) -> Self {
        let version = version(http_version);
        let mut attributes = attributes(method, route.into(), version);
        attributes.push(KeyValue::new(attribute::HTTP_ROUTE, route));
        Self {
            http_method: http_method.clone(),
            http_version,
            of_many: OfMany { method, route: Some(route), version },
            name: interned(&format!("{method} {route}")),
            attributes: Prepared::new(attributes),
            active: KnownActive::default(),
            ok: KnownHistogram::default(),
        }
    }
}

impl HttpServer {
    /// Counts the request as active, until its end.
    pub(crate) fn count(&self, metrics: &Metrics) {
        self.count_active(metrics, 1);
    }

    fn of_many(&self) -> OfMany {
        match &self.kind {
            Kind::Usual(usual) => usual.of_many,
            Kind::Other(other) => other.of_many,
        }
    }

    fn count_active(&self, metrics: &Metrics, change: i64) {
        let labels = ActiveLabels { method: self.of_many().method, scheme: SCHEME };
        let known = match &self.kind {
            Kind::Usual(usual) => Some(&usual.active),
            Kind::Other(_) => None,
        };
        metrics.http.server_active(known, labels, change);
    }
}

impl Operation for HttpServer {
    type Output = ();

    fn take(&mut self) -> Any {
        Any::HttpServer(self.clone())
    }

    /// Low-cardinality by construction: a template or nothing.
    fn name(&self) -> Cow<'static, str> {
        match &self.kind {
            Kind::Usual(usual) => Cow::Borrowed(usual.name),
            Kind::Other(other) => {
                let OfMany { method, route, .. } = other.of_many;
                let method = if other.original_method.is_some() { "HTTP" } else { method };
                route.map_or(Cow::Borrowed(method), |route| format!("{method} {route}").into())
            }
        }
    }

    fn kind(&self) -> SpanKind {
        SpanKind::Server
    }

    fn prepared(&self) -> Option<&'static Prepared> {
        match self.kind {
            Kind::Usual(usual) => Some(&usual.attributes),
            Kind::Other(_) => None,
        }
    }

    #[cold]
    fn start(&self, list: &mut AttributeList) {
        let Kind::Other(other) = &self.kind else { return };
        let OfMany { method, route, version } = other.of_many;
        list.extend(attributes(method, other.path.clone().into(), version));
        list.extend(route.map(|route| KeyValue::new(attribute::HTTP_ROUTE, route)));
        list.extend(other.query.clone().map(|query| KeyValue::new(attribute::URL_QUERY, query)));
        list.extend(
            other.original_method.clone().map(|method| KeyValue::new(attribute::HTTP_REQUEST_METHOD_ORIGINAL, method)),
        );
    }

    fn end(&mut self, _: &Outcome, elapsed: Duration, to: &Recorder<'_>) {
        if let Some(status) = self.status {
            to.set(|attributes| attributes.int(attribute::HTTP_RESPONSE_STATUS_CODE, status.into()));
        }
        // A 4xx is the client's error, not the server's; a client that left after the head was sent is neither.
        let error_type: Option<Cow<'static, str>> =
            self.status.filter(|status| *status >= 500).map(|status| Cow::Owned(status.to_string()));
        if let Some(error_type) = &error_type {
            to.fail(error_type.clone(), "".into());
        }
        self.count_active(to.metrics, -1);
        let OfMany { method, route, version } = self.of_many();
        let labels =
            ServerLabels { method, scheme: SCHEME, protocol_version: version, route, status: self.status, error_type };
        match &self.kind {
            Kind::Usual(usual) if self.status == Some(200) => {
                to.metrics.http.server_succeeded(&usual.ok, elapsed, &labels);
            }
            Kind::Usual(_) | Kind::Other(_) => to.metrics.http.server_request(elapsed, &labels),
        }
    }
}

/// What every request's span starts with.
fn attributes(method: &'static str, path: Value, version: &'static str) -> Vec<KeyValue> {
    vec![
        KeyValue::new(attribute::HTTP_REQUEST_METHOD, method),
        KeyValue::new(attribute::URL_PATH, path),
        KeyValue::new(attribute::URL_SCHEME, SCHEME),
        KeyValue::new(attribute::NETWORK_PROTOCOL_VERSION, version),
    ]
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
