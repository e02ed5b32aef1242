//! HTTP spans and metrics, v1.44.0.

use super::common::{
    PROTOCOL_NAME, PROTOCOL_VERSION, SERVER_ADDRESS, is_count, is_port, is_port_text, is_text, label, label_int,
};
use super::model::{AttributeRule, Failure, LabelRule, MetricConvention, Presence, SpanConvention, ValueType};
use crate::capture::{Attributes, MetricKind, Span, SpanKind, Value};
use crate::contract::Pack;

use ValueType::{Int, Text, Texts};

/// The methods of RFC 9110 and RFC 5789, QUERY, and what stands for any other.
const METHODS: &[&str] =
    &["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY", "_OTHER"];

const KNOWN_METHOD: &str = "a method of RFC 9110 in upper case, or _OTHER";
const HEADERS: &[&str] = &["http.request.header.", "http.response.header."];

pub(super) static SERVER: SpanConvention = SpanConvention {
    name: "HTTP server",
    pack: Pack::Http,
    kind: SpanKind::Server,
    may_be_internal: false,
    attributes: &[
        METHOD,
        AttributeRule::required("url.path", Text).that_is("a path that begins with / and has no query", is_path),
        AttributeRule::required("url.scheme", Text).that_is("http or https", is_scheme),
        AttributeRule::when("http.route", Text, named_by_route),
        STATUS,
        METHOD_ORIGINAL,
        AttributeRule::optional("error.type", Text),
        AttributeRule::optional("url.query", Text),
        AttributeRule::optional("client.address", Text),
        AttributeRule::optional("client.port", Int).that_is("a port", is_port),
        AttributeRule::optional("server.address", Text),
        AttributeRule::optional("server.port", Int).that_is("a port", is_port),
        AttributeRule::optional("network.peer.address", Text),
        AttributeRule::optional("network.peer.port", Int).that_is("a port", is_port),
        AttributeRule::optional("network.local.address", Text),
        AttributeRule::optional("network.local.port", Int).that_is("a port", is_port),
        AttributeRule::optional("network.protocol.name", Text),
        AttributeRule::optional("network.protocol.version", Text),
        AttributeRule::optional("network.transport", Text),
        AttributeRule::optional("user_agent.original", Text),
        AttributeRule::optional("user_agent.synthetic.type", Text),
        REQUEST_SIZE,
        RESPONSE_SIZE,
        AttributeRule::optional("http.request.size", Int).that_is("bytes", is_count),
        AttributeRule::optional("http.response.size", Int).that_is("bytes", is_count),
        AttributeRule::optional("http.request.header", Texts),
    ],
    prefixes: HEADERS,
    wrong_name: wrong_server_name,
    failure: Failure::HttpStatus(500),
};

pub(super) static CLIENT: SpanConvention = SpanConvention {
    name: "HTTP client",
    pack: Pack::Http,
    kind: SpanKind::Client,
    may_be_internal: false,
    attributes: &[
        METHOD,
        AttributeRule::required("server.address", Text),
        AttributeRule::required("server.port", Int).that_is("a port from 1 to 65535", is_port),
        AttributeRule::required("url.full", Text)
            .that_is("an absolute URL without user name and password", is_safe_url),
        STATUS,
        METHOD_ORIGINAL,
        AttributeRule::optional("error.type", Text),
        AttributeRule::optional("http.request.resend_count", Int)
            .that_is("at least 1", |value| value.as_int().is_some_and(|count| count >= 1)),
        AttributeRule::optional("url.scheme", Text),
        AttributeRule::optional("url.template", Text),
        AttributeRule::optional("network.peer.address", Text),
        AttributeRule::optional("network.peer.port", Int).that_is("a port", is_port),
        AttributeRule::optional("network.protocol.name", Text),
        AttributeRule::optional("network.protocol.version", Text),
        AttributeRule::optional("network.transport", Text),
        AttributeRule::optional("user_agent.original", Text),
        AttributeRule::optional("user_agent.synthetic.type", Text),
        REQUEST_SIZE,
        RESPONSE_SIZE,
        AttributeRule::optional("http.request.size", Int).that_is("bytes", is_count),
        AttributeRule::optional("http.response.size", Int).that_is("bytes", is_count),
    ],
    prefixes: HEADERS,
    wrong_name: wrong_client_name,
    failure: Failure::HttpStatus(400),
};

const METHOD: AttributeRule = AttributeRule::required("http.request.method", Text).that_is(KNOWN_METHOD, is_method);
const METHOD_ORIGINAL: AttributeRule = AttributeRule::when("http.request.method_original", Text, |span| {
    span.attributes.str("http.request.method") == Some("_OTHER")
});
const STATUS: AttributeRule = AttributeRule::when("http.response.status_code", Int, was_answered)
    .that_is("a status from 100 to 599", |value| value.as_int().is_some_and(|status| (100..600).contains(&status)));
const REQUEST_SIZE: AttributeRule = AttributeRule::optional("http.request.body.size", Int).that_is("bytes", is_count);
const RESPONSE_SIZE: AttributeRule = AttributeRule::optional("http.response.body.size", Int).that_is("bytes", is_count);

fn is_method(value: &Value) -> bool {
    value.as_str().is_some_and(is_method_text)
}

fn is_method_text(text: &str) -> bool {
    METHODS.contains(&text)
}

fn is_path(value: &Value) -> bool {
    value.as_str().is_some_and(|path| path == "*" || (path.starts_with('/') && !path.contains('?')))
}

fn is_scheme(value: &Value) -> bool {
    value.as_str().is_some_and(is_scheme_text)
}

fn is_scheme_text(text: &str) -> bool {
    matches!(text, "http" | "https")
}

fn is_safe_url(value: &Value) -> bool {
    let Some((scheme, rest)) = value.as_str().and_then(|url| url.split_once("://")) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // The conventions want user information replaced by this, not removed.
    let clean = authority.split_once('@').is_none_or(|(user, _)| user == "REDACTED:REDACTED");
    !scheme.is_empty() && !authority.is_empty() && clean
}

/// A request that says neither status nor error must at least have been answered.
fn was_answered(span: &Span) -> bool {
    match span.attributes.str("error.type") {
        Some(error) => error.parse::<u16>().is_ok(),
        None => true,
    }
}

/// `POST /api/rag` says that a route matched, so the attribute must say it too.
fn named_by_route(span: &Span) -> bool {
    span.attributes.str("http.request.method").is_some_and(|method| {
        span.name.strip_prefix(method).and_then(|rest| rest.strip_prefix(' ')).is_some_and(|rest| !rest.is_empty())
    })
}

/// The method as span names spell it.
fn named_method(span: &Span) -> Option<&str> {
    span.attributes.str("http.request.method").map(|method| if method == "_OTHER" { "HTTP" } else { method })
}

fn wrong_server_name(span: &Span) -> Option<String> {
    let method = named_method(span)?;
    let target = span.name.strip_prefix(method).and_then(|rest| rest.strip_prefix(' '));
    match span.attributes.str("http.route") {
        Some(route) => (target != Some(route)).then(|| format!("{method} {route}")),
        // Without a route a target is a lost attribute, which is a finding of its own.
        None => (target.is_none() && *span.name != *method).then(|| method.to_owned()),
    }
}

fn wrong_client_name(span: &Span) -> Option<String> {
    let method = named_method(span)?;
    let target = span.name.strip_prefix(method).and_then(|rest| rest.strip_prefix(' '));
    if let Some(template) = span.attributes.str("url.template") {
        return (target != Some(template)).then(|| format!("{method} {template}"));
    }
    let right = match target {
        // A hook may name the target; the path of the URL is what it must not be.
        Some(target) => !span.attributes.str("url.full").is_some_and(|url| url.contains(target)),
        None => *span.name == *method,
    };
    (!right).then(|| method.to_owned())
}

/// The advice of the conventions for durations of HTTP requests, in seconds.
const DURATION_BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

const METHOD_LABEL: LabelRule = label("http_request_method", Presence::Always, KNOWN_METHOD, is_method_text);

fn is_status_text(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|status| (100..600).contains(&status))
}

fn status(labels: &Attributes) -> Option<i64> {
    label_int(labels, ["http_response_status_code", "http.response.status_code"])
}

fn has_no_error(labels: &Attributes) -> bool {
    labels.get("error_type").or_else(|| labels.get("error.type")).is_none()
}

const STATUS_LABEL: LabelRule =
    label("http_response_status_code", Presence::When(has_no_error), "a status from 100 to 599", is_status_text);

pub(super) const METRICS: &[MetricConvention] = &[
    MetricConvention {
        name: "http_server_request_duration_seconds",
        instrument: "http.server.request.duration",
        pack: Pack::Http,
        kind: MetricKind::Histogram,
        unit: "s",
        buckets: DURATION_BUCKETS,
        labels: &[
            METHOD_LABEL,
            label("url_scheme", Presence::Always, "http or https", is_scheme_text),
            STATUS_LABEL,
            label("http_route", Presence::Never, "a route", is_text),
            label(
                "error_type",
                Presence::When(|labels| status(labels).is_some_and(|status| status >= 500)),
                "a class of error",
                is_text,
            ),
            PROTOCOL_NAME,
            PROTOCOL_VERSION,
            SERVER_ADDRESS,
            label("server_port", Presence::Never, "a port", is_port_text),
            label("user_agent_synthetic_type", Presence::Never, "bot or test", is_text),
        ],
        errors_of: Some(&SERVER),
    },
    MetricConvention {
        name: "http_client_request_duration_seconds",
        instrument: "http.client.request.duration",
        pack: Pack::Http,
        kind: MetricKind::Histogram,
        unit: "s",
        buckets: DURATION_BUCKETS,
        labels: &[
            METHOD_LABEL,
            label("server_address", Presence::Always, "an address", is_text),
            label("server_port", Presence::Always, "a port from 1 to 65535", is_port_text),
            STATUS_LABEL,
            label(
                "error_type",
                Presence::When(|labels| status(labels).is_some_and(|status| status >= 400)),
                "a class of error",
                is_text,
            ),
            PROTOCOL_NAME,
            PROTOCOL_VERSION,
            label("url_scheme", Presence::Never, "http or https", is_scheme_text),
            label("url_template", Presence::Never, "a template", is_text),
        ],
        errors_of: Some(&CLIENT),
    },
    MetricConvention {
        name: "http_server_active_requests",
        instrument: "http.server.active_requests",
        pack: Pack::Http,
        kind: MetricKind::Gauge,
        unit: "{request}",
        buckets: &[],
        labels: &[
            METHOD_LABEL,
            label("url_scheme", Presence::Always, "http or https", is_scheme_text),
            SERVER_ADDRESS,
            label("server_port", Presence::Never, "a port", is_port_text),
        ],
        errors_of: None,
    },
];
