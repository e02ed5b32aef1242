//! Writes OTLP JSON as the Collector does: camel case, fields of their default value left out, 64-bit integers as
//! strings, enums as numbers, ids in hexadecimal.

mod common;
mod logs;
mod metrics;
mod object;
mod traces;

use serde::Serialize;
use serde::ser::Serializer;

pub(in crate::capture) use self::object::Real;
use self::object::{Json, Object, Seq, ToJson};
use super::super::group::{Originated, by_resource, by_scope};
use crate::capture::{Family, LogRecord, Resource, Scope, Span};

/// A document of these spans, in order: an export request, to serialise.
#[must_use]
pub fn traces(spans: &[Span]) -> impl Serialize + '_ {
    Document { names: &Names { resources: "resourceSpans", scopes: "scopeSpans", records: "spans" }, items: spans }
}

/// A document of these metrics, in order: an export request, to serialise. A point whose value is not of its family's
/// kind has no place in OTLP and is left out; neither OTLP nor exposition text can produce one.
#[must_use]
pub fn metrics(families: &[Family]) -> impl Serialize + '_ {
    let names = &Names { resources: "resourceMetrics", scopes: "scopeMetrics", records: "metrics" };
    Document { names, items: families }
}

/// A document of these log records, in order: an export request, to serialise.
#[must_use]
pub fn logs<'a>(records: &'a [&'a LogRecord]) -> impl Serialize + 'a {
    Document { names: &Names { resources: "resourceLogs", scopes: "scopeLogs", records: "logRecords" }, items: records }
}

/// What the signals call their levels.
struct Names {
    resources: &'static str,
    scopes: &'static str,
    records: &'static str,
}

struct Document<'a, T> {
    names: &'static Names,
    items: &'a [T],
}

impl<T: Originated + ToJson> Serialize for Document<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = self.names;
        let blocks = || by_resource(self.items).map(|(resource, items)| FromResource { names, resource, items });
        let mut object = Object::begin(to)?;
        object.field(names.resources, &Seq(blocks))?;
        object.end()
    }
}

struct FromResource<'a, T> {
    names: &'static Names,
    resource: &'a Resource,
    items: &'a [T],
}

impl<T: Originated + ToJson> Serialize for FromResource<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = self.names;
        let blocks = || by_scope(self.items).map(|(scope, items)| FromScope { names, scope, items });
        let mut object = Object::begin(to)?;
        object.field("resource", &Json(self.resource))?;
        object.field(names.scopes, &Seq(blocks))?;
        object.text("schemaUrl", &self.resource.schema_url)?;
        object.end()
    }
}

struct FromScope<'a, T> {
    names: &'static Names,
    scope: &'a Scope,
    items: &'a [T],
}

impl<T: ToJson> Serialize for FromScope<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.field("scope", &Json(self.scope))?;
        object.list(self.names.records, self.items)?;
        object.text("schemaUrl", &self.scope.schema_url)?;
        object.end()
    }
}
