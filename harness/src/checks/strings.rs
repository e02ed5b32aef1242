//! Every string of every signal, each with where it is.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::at::{At, Owner, Role};
use super::{Index, Trace};
use crate::capture::{Attributes, Family, LogRecord, Origin, Point, Scrape, Str, Value};

/// Something that reads strings.
pub(super) trait Reader {
    /// Reads a string that may be shared with other places.
    fn shared(&mut self, text: &Str, at: At<'_>);
    /// Reads bytes that are nobody else's.
    fn bytes(&mut self, bytes: &[u8], at: At<'_>);
}

/// Hands every string of the capture to `reader`.
pub(super) fn read(index: &Index<'_>, reader: &mut impl Reader) {
    let mut origins = Origins::default();
    for trace in index.traces() {
        for position in 0..trace.len() {
            read_span(trace, position, reader);
            origins.read(&trace.span(position).origin, reader);
        }
    }
    for scrape in &index.capture.scrapes {
        read_scrape(scrape, &mut origins, reader);
    }
    for (position, record) in index.capture.logs.iter().enumerate() {
        read_log(position, record, reader);
        origins.read(&record.origin, reader);
    }
}

fn read_span(trace: Trace<'_>, position: usize, reader: &mut impl Reader) {
    let span = trace.span(position);
    let owner = Owner::Span(trace, position);
    reader.shared(&span.name, At { owner, role: Role::Name, key: "name" });
    read_attributes(&span.attributes, owner, reader);
    field(&span.status.message, owner, "status message", reader);
    field(&span.trace_state, owner, "trace state", reader);
    for event in &span.events {
        let owner = Owner::Event(trace, position, &event.name);
        reader.shared(&event.name, At { owner, role: Role::Name, key: "name" });
        read_attributes(&event.attributes, owner, reader);
    }
    for link in &span.links {
        let owner = Owner::Link(trace, position);
        field(&link.trace_state, owner, "trace state", reader);
        read_attributes(&link.attributes, owner, reader);
    }
}

fn read_scrape(scrape: &Scrape, origins: &mut Origins, reader: &mut impl Reader) {
    for family in &scrape.families {
        let owner = Owner::Family(family);
        reader.shared(&family.name, At { owner, role: Role::Name, key: "name" });
        if let Some(instrument) = &family.instrument {
            field(instrument, owner, "instrument", reader);
        }
        field(&family.help, owner, "help", reader);
        field(&family.unit, owner, "unit", reader);
        family.points.iter().for_each(|point| read_point(point, family, reader));
        origins.read(&family.origin, reader);
    }
    for line in scrape.text.lines().filter(|line| is_comment(line)) {
        reader.bytes(line.as_bytes(), At { owner: Owner::Exposition, role: Role::Field, key: "comment" });
    }
}

/// Whether a line of exposition text reached no field of a family.
fn is_comment(line: &str) -> bool {
    line.starts_with('#') && !["# HELP ", "# TYPE ", "# UNIT "].iter().any(|known| line.starts_with(known))
}

fn read_point(point: &Point, family: &Family, reader: &mut impl Reader) {
    read_attributes(&point.labels, Owner::Family(family), reader);
    for exemplar in &point.exemplars {
        read_attributes(&exemplar.labels, Owner::Exemplar(family), reader);
    }
}

fn read_log(position: usize, record: &LogRecord, reader: &mut impl Reader) {
    let owner = Owner::Log(position, record);
    read_value(&record.body, At { owner, role: Role::Field, key: "body" }, reader);
    field(&record.severity_text, owner, "severity", reader);
    field(&record.event_name, owner, "event name", reader);
    read_attributes(&record.attributes, owner, reader);
}

fn field(text: &Str, owner: Owner<'_>, key: &str, reader: &mut impl Reader) {
    if !text.is_empty() {
        reader.shared(text, At { owner, role: Role::Field, key });
    }
}

fn read_attributes(attributes: &Attributes, owner: Owner<'_>, reader: &mut impl Reader) {
    for (key, value) in attributes {
        reader.shared(key, At { owner, role: Role::Key, key });
        read_value(value, At { owner, role: Role::Value, key }, reader);
    }
}

fn read_value(value: &Value, at: At<'_>, reader: &mut impl Reader) {
    match value {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
        Value::Str(text) => reader.shared(text, at),
        Value::Bytes(bytes) => reader.bytes(bytes, at),
        Value::Array(items) => items.iter().for_each(|item| read_value(item, at, reader)),
        Value::Map(pairs) => {
            for (key, value) in pairs.iter() {
                reader.shared(key, At { role: Role::Key, ..at });
                read_value(value, at, reader);
            }
        }
    }
}

/// Resources and scopes are shared by thousands of records: each is read once.
#[derive(Default)]
struct Origins {
    last: usize,
    seen: FxHashSet<usize>,
}

impl Origins {
    fn read(&mut self, origin: &Arc<Origin>, reader: &mut impl Reader) {
        let address = Arc::as_ptr(origin).addr();
        if address == self.last {
            return;
        }
        self.last = address;
        if !self.seen.insert(address) {
            return;
        }
        if self.seen.insert(Arc::as_ptr(&origin.resource).addr()) {
            read_attributes(&origin.resource.attributes, Owner::Resource, reader);
            field(&origin.resource.schema_url, Owner::Resource, "schema URL", reader);
        }
        if self.seen.insert(Arc::as_ptr(&origin.scope).addr()) {
            let scope = &origin.scope;
            let owner = Owner::Scope(&scope.name);
            reader.shared(&scope.name, At { owner, role: Role::Name, key: "name" });
            field(&scope.version, owner, "version", reader);
            field(&scope.schema_url, owner, "schema URL", reader);
            read_attributes(&scope.attributes, owner, reader);
        }
    }
}
