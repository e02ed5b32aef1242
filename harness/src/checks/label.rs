//! Labels of metrics, which exposition text knows as text alone and OTLP with types and dotted names.

use std::borrow::Cow;

use crate::capture::{Attributes, Value};
use crate::contract::{Expect, Mismatch};

/// Labels that the exporter or the scraper adds to every series.
///
/// `otel_component_name` is the SDK's name for one of its own parts, `batching_span_processor/0`; the conventions ask
/// for the number.
const ALWAYS: &[&str] = &[
    "otel_scope_name",
    "otel_scope_version",
    "otel_scope_schema_url",
    "otel_component_name",
    "job",
    "instance",
    "le",
    "quantile",
];

/// The label an SDK gives to the series that takes what is over its cardinality limit.
pub(super) const OVERFLOW: &str = "otel_metric_overflow";

/// Whether `found`, dotted or not, is the label of this Prometheus name.
pub(super) fn same(found: &str, name: &str) -> bool {
    found.len() == name.len()
        && found.bytes().zip(name.bytes()).all(|(found, name)| {
            found == name || ((found == b'.' || found == b'-') && name == b'_') || (found == b'_' && name == b'.')
        })
}

/// The value of the label of this Prometheus name. An empty label is none: to Prometheus the two are one.
pub(super) fn find<'p>(labels: &'p Attributes, name: &str) -> Option<&'p Value> {
    let (_, value) = labels.iter().find(|(found, _)| same(found, name))?;
    (value.as_str() != Some("")).then_some(value)
}

/// Whether the exporter or the scraper adds this label.
pub(super) fn is_always_allowed(found: &str) -> bool {
    ALWAYS.iter().any(|name| same(found, name)) || found.starts_with("otel_scope_")
}

/// A label's value as exposition text would write it.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Str(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// Compares a label with what is expected of it. Exposition text has no types, so that `200` also means the text `200`.
pub(super) fn mismatch(expect: &Expect, found: Option<&Value>) -> Option<Mismatch> {
    let mismatch = expect.mismatch(found)?;
    let Some(Value::Str(text)) = found else { return Some(mismatch) };
    let readings =
        [text.parse().map(Value::Int).ok(), text.parse().map(Value::Double).ok(), text.parse().map(Value::Bool).ok()];
    let holds = readings.iter().flatten().any(|reading| expect.mismatch(Some(reading)).is_none());
    (!holds).then_some(mismatch)
}
