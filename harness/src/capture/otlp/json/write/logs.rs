//! Log records.

use serde::ser::Serializer;

use super::object::{Json, Object, ToJson};
use crate::capture::LogRecord;

impl ToJson for LogRecord {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.long("timeUnixNano", self.time)?;
        object.long("observedTimeUnixNano", self.observed_time)?;
        object.int("severityNumber", self.severity)?;
        object.text("severityText", &self.severity_text)?;
        object.field("body", &Json(&self.body))?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped_attributes)?;
        object.int("flags", self.flags)?;
        object.id("traceId", self.trace_id)?;
        object.id("spanId", self.span_id)?;
        object.text("eventName", &self.event_name)?;
        object.end()
    }
}
