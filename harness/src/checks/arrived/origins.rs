//! Whether resource and scope came back unchanged.

use super::compare::Comparison;
use super::losses::Row;
use super::values::attributes;
use crate::capture::{Attributes, Origin, Value};

const SERVICE_NAME: &str = "service.name";

/// Compares resources and scopes. Fields begin with `resource` or `scope`.
pub(super) fn origins(to: &mut Comparison, sent: &Origin, stored: &Origin) {
    let mut as_stored = sent.resource.attributes.clone();
    if let Some(placeholder) = placeholder(&sent.resource.attributes)
        && stored.resource.attributes.str(SERVICE_NAME) == Some(placeholder)
    {
        to.differs(format!("resource · {SERVICE_NAME}"), "no usable name", placeholder, Some(Row::ServiceName));
        as_stored.set(SERVICE_NAME, placeholder);
    }
    attributes(to, "resource · ", &as_stored, &stored.resource.attributes);
    let (ours, theirs) = (sent.resource.dropped_attributes, stored.resource.dropped_attributes);
    to.number("resource · dropped attributes".to_owned(), ours, theirs, Row::Dropped);
    text(to, "resource · schema URL", &sent.resource.schema_url, &stored.resource.schema_url, Some(Row::Schema));

    let (sent, stored) = (&sent.scope, &stored.scope);
    text(to, "scope · name", &sent.name, &stored.name, None);
    text(to, "scope · version", &sent.version, &stored.version, None);
    text(to, "scope · schema URL", &sent.schema_url, &stored.schema_url, Some(Row::Schema));
    if !sent.attributes.is_empty() && stored.attributes.is_empty() {
        let count = format!("{} of them", sent.attributes.len());
        to.differs("scope · attributes".to_owned(), &count, "none", Some(Row::ScopeAttributes));
    } else {
        if !sent.attributes.is_empty() {
            to.kept.note(Row::ScopeAttributes);
        }
        attributes(to, "scope · ", &sent.attributes, &stored.attributes);
    }
    let (ours, theirs) = (sent.dropped_attributes, stored.dropped_attributes);
    to.number("scope · dropped attributes".to_owned(), ours, theirs, Row::Dropped);
}

/// Compares texts; a loss explains one that is empty now.
fn text(to: &mut Comparison, field: &str, sent: &str, stored: &str, loss: Option<Row>) {
    if sent != stored {
        to.differs(field.to_owned(), &format!("{sent:?}"), &format!("{stored:?}"), loss.filter(|_| stored.is_empty()));
    }
}

/// What Jaeger writes for a name it cannot use.
fn placeholder(resource: &Attributes) -> Option<&'static str> {
    match resource.get(SERVICE_NAME) {
        None => Some("missing-service-name"),
        Some(Value::Str(name)) if name.is_empty() => Some("empty-service-name"),
        Some(Value::Str(_)) => None,
        Some(_) => Some("service-name-wrong-type"),
    }
}
