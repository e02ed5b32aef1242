//! Database client spans and metrics, v1.44.0.

use super::common::{ERROR_TYPE, SERVER_ADDRESS, SERVER_PORT, calls_a_port, is_not_empty, is_port, is_text, label};
use super::model::{AttributeRule, Failure, MetricConvention, Presence, SpanConvention, ValueType};
use crate::capture::{MetricKind, Span, SpanKind};
use crate::contract::Pack;

use ValueType::{Any, Int, Text};

pub(super) static CLIENT: SpanConvention = SpanConvention {
    name: "database client",
    pack: Pack::Database,
    kind: SpanKind::Client,
    may_be_internal: true,
    attributes: &[
        AttributeRule::required("db.system.name", Text).that_is("the name of a system", is_not_empty),
        AttributeRule::when("db.operation.name", Text, is_one_operation),
        AttributeRule::when("db.collection.name", Text, names_a_target),
        AttributeRule::when("server.address", Text, |span| span.kind == SpanKind::Client),
        AttributeRule::when("server.port", Int, calls_a_port).that_is("a port from 1 to 65535", is_port),
        AttributeRule::optional("error.type", Text),
        AttributeRule::optional("db.namespace", Text),
        AttributeRule::optional("db.query.text", Text),
        AttributeRule::optional("db.query.summary", Text),
        AttributeRule::optional("db.stored_procedure.name", Text),
        AttributeRule::optional("db.response.status_code", Text),
        AttributeRule::optional("db.response.returned_rows", Int),
        AttributeRule::optional("db.operation.batch.size", Int)
            .that_is("at least 2", |value| value.as_int().is_some_and(|size| size >= 2)),
        AttributeRule::optional("network.peer.address", Text),
        AttributeRule::optional("network.peer.port", Int).that_is("a port", is_port),
        AttributeRule::optional("network.transport", Text),
        AttributeRule::optional("network.protocol.name", Text),
        AttributeRule::optional("network.protocol.version", Text),
        AttributeRule::optional("db.query.parameter", Any),
    ],
    prefixes: &["db.query.parameter.", "db.operation.parameter."],
    wrong_name,
    failure: Failure::OwnStatus,
};

/// A call that gives a text or a summary of several statements need not have one name.
fn is_one_operation(span: &Span) -> bool {
    ["db.query.summary", "db.query.text", "db.stored_procedure.name"]
        .iter()
        .all(|key| span.attributes.get(key).is_none())
}

/// `query documents` says that a collection was meant, so an attribute must say it too.
fn names_a_target(span: &Span) -> bool {
    let text = |key| span.attributes.str(key);
    let target = text("db.operation.name")
        .and_then(|operation| span.name.strip_prefix(operation))
        .and_then(|rest| rest.strip_prefix(' '));
    match target {
        None => false,
        Some(target) => {
            text("db.query.summary") != Some(&span.name)
                && text("db.namespace") != Some(target)
                && text("db.stored_procedure.name") != Some(target)
                && !is_address(span, target)
        }
    }
}

/// Whether `target` is `server.address:server.port`.
fn is_address(span: &Span, target: &str) -> bool {
    let port = span.attributes.get("server.port").and_then(crate::capture::Value::as_int);
    span.attributes.str("server.address").is_some_and(|address| match target.strip_prefix(address) {
        Some("") => true,
        Some(rest) => rest.strip_prefix(':').and_then(|rest| rest.parse().ok()) == port && port.is_some(),
        None => false,
    })
}

fn wrong_name(span: &Span) -> Option<String> {
    let text = |key| span.attributes.str(key);
    if let Some(summary) = text("db.query.summary") {
        return (*span.name != *summary).then(|| summary.to_owned());
    }
    let Some(operation) = text("db.operation.name") else {
        // Without an operation only the system is left to be named; a lost operation is a finding of its own.
        return None;
    };
    let rest = span.name.strip_prefix(operation);
    let target = rest.and_then(|rest| rest.strip_prefix(' '));
    if let Some(collection) = text("db.collection.name") {
        return (target != Some(collection)).then(|| format!("{operation} {collection}"));
    }
    // Any target is either explained by another attribute or reported as a lost collection.
    (rest != Some("") && target.is_none()).then(|| operation.to_owned())
}

/// The advice of the conventions for durations of database operations, in seconds.
const DURATION_BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

pub(super) const METRICS: &[MetricConvention] = &[MetricConvention {
    name: "db_client_operation_duration_seconds",
    instrument: "db.client.operation.duration",
    pack: Pack::Database,
    kind: MetricKind::Histogram,
    unit: "s",
    buckets: DURATION_BUCKETS,
    labels: &[
        label("db_system_name", Presence::Always, "the name of a system", is_text),
        label("db_operation_name", Presence::Always, "the name of an operation", is_text),
        label("db_collection_name", Presence::Never, "the name of a collection", is_text),
        label("db_namespace", Presence::Never, "the name of a namespace", is_text),
        label("db_query_summary", Presence::Never, "a summary", is_text),
        label("db_query_text", Presence::Never, "a query with placeholders", is_text),
        label("db_response_status_code", Presence::Never, "a status", is_text),
        label("db_stored_procedure_name", Presence::Never, "the name of a procedure", is_text),
        label("network_peer_address", Presence::Never, "an address", is_text),
        label("network_peer_port", Presence::Never, "a port", is_text),
        ERROR_TYPE,
        SERVER_ADDRESS,
        SERVER_PORT,
    ],
    errors_of: Some(&CLIENT),
}];
