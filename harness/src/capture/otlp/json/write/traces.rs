//! Spans.

use serde::ser::Serializer;

use super::object::{Json, Object, ToJson};
use crate::capture::otlp::encode::{kind, status_code};
use crate::capture::{Event, Link, Span, Status};

impl ToJson for Span {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.id("traceId", Some(self.trace_id))?;
        object.id("spanId", Some(self.span_id))?;
        object.text("traceState", &self.trace_state)?;
        object.id("parentSpanId", self.parent)?;
        object.int("flags", self.flags)?;
        object.text("name", &self.name)?;
        object.int("kind", kind(self.kind))?;
        object.long("startTimeUnixNano", self.start)?;
        object.long("endTimeUnixNano", self.end)?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped.attributes)?;
        object.list("events", &self.events)?;
        object.int("droppedEventsCount", self.dropped.events)?;
        object.list("links", &self.links)?;
        object.int("droppedLinksCount", self.dropped.links)?;
        object.field("status", &Json(&self.status))?;
        object.end()
    }
}

impl ToJson for Event {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.long("timeUnixNano", self.time)?;
        object.text("name", &self.name)?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped_attributes)?;
        object.end()
    }
}

impl ToJson for Link {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.id("traceId", Some(self.trace_id))?;
        object.id("spanId", Some(self.span_id))?;
        object.text("traceState", &self.trace_state)?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped_attributes)?;
        object.int("flags", self.flags)?;
        object.end()
    }
}

impl ToJson for Status {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.text("message", &self.message)?;
        object.int("code", status_code(self.code))?;
        object.end()
    }
}
