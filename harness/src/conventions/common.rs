//! Attributes any span may carry, and tests that several packs share.

use crate::capture::{Attributes, Span, StatusCode, Value};

use super::model::{LabelRule, Presence};

/// Attributes of the general conventions, for spans of every kind.
pub(super) const ANY_SPAN: &[&str] = &[
    "error.type",
    "exception.type",
    "exception.message",
    "exception.stacktrace",
    "code.function.name",
    "code.file.path",
    "code.line.number",
    "code.column.number",
    "code.stacktrace",
    "thread.id",
    "thread.name",
];

/// Attributes of the general conventions, for spans at a process's edge.
pub(super) const EDGE_SPAN: &[&str] = &[
    "server.address",
    "server.port",
    "client.address",
    "client.port",
    "network.peer.address",
    "network.peer.port",
    "network.local.address",
    "network.local.port",
    "network.protocol.name",
    "network.protocol.version",
    "network.transport",
    "network.type",
    "service.peer.name",
];

/// Whether the span's own status says that it failed.
pub(super) fn failed(span: &Span) -> bool {
    span.status.code == StatusCode::Error
}

/// Whether the span calls a server at a port: not in this process, and not through a socket file.
pub(super) fn calls_a_port(span: &Span) -> bool {
    span.attributes.str("server.address").is_some_and(|address| !address.starts_with('/'))
}

pub(super) fn is_port(value: &Value) -> bool {
    value.as_int().is_some_and(|port| (1..=65535).contains(&port))
}

pub(super) fn is_count(value: &Value) -> bool {
    value.as_int().is_some_and(|count| count >= 0)
}

pub(super) fn is_not_empty(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

/// A label's text, whether it came as text or as a number.
pub(super) fn label_int(labels: &Attributes, names: [&str; 2]) -> Option<i64> {
    match names.iter().find_map(|name| labels.get(name))? {
        Value::Int(number) => Some(*number),
        Value::Str(text) => text.parse().ok(),
        _ => None,
    }
}

/// Whether the labels say whom was called.
pub(super) fn names_a_server(labels: &Attributes) -> bool {
    labels.get("server_address").or_else(|| labels.get("server.address")).is_some()
}

pub(super) const SERVER_ADDRESS: LabelRule = label("server_address", Presence::Never, "an address", is_text);
pub(super) const SERVER_PORT: LabelRule =
    label("server_port", Presence::When(names_a_server), "a port from 1 to 65535", is_port_text);
pub(super) const ERROR_TYPE: LabelRule = label("error_type", Presence::Never, "a class of error", is_text);
pub(super) const PROTOCOL_NAME: LabelRule = label("network_protocol_name", Presence::Never, "a protocol", is_text);
pub(super) const PROTOCOL_VERSION: LabelRule = label("network_protocol_version", Presence::Never, "a version", is_text);

pub(super) const fn label(
    name: &'static str,
    need: Presence,
    wanted: &'static str,
    holds: fn(&str) -> bool,
) -> LabelRule {
    LabelRule { name, need, wanted, holds }
}

pub(super) fn is_text(text: &str) -> bool {
    !text.is_empty()
}

pub(super) fn is_port_text(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}
