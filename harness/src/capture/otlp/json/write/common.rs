//! Values, attributes, resources and scopes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::object::{AsText, Json, Object, Real, Seq, ToJson};
use crate::capture::{Attributes, Resource, Scope, Str, Value};

impl ToJson for Value {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self {
            Self::Empty => {}
            Self::Str(text) => map.serialize_entry("stringValue", &**text)?,
            Self::Bool(truth) => map.serialize_entry("boolValue", truth)?,
            Self::Int(number) => map.serialize_entry("intValue", &AsText(number))?,
            Self::Double(number) => map.serialize_entry("doubleValue", &Real(*number))?,
            Self::Bytes(bytes) => map.serialize_entry("bytesValue", &STANDARD.encode(bytes))?,
            Self::Array(items) => map.serialize_entry("arrayValue", &Values(items))?,
            Self::Map(pairs) => map.serialize_entry("kvlistValue", &Values(pairs))?,
        }
        map.end()
    }
}

/// The message that wraps a list inside a value.
struct Values<'a, T>(&'a [T]);

impl<T: ToJson> Serialize for Values<'_, T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        // Also if empty: other readers insist on it.
        object.field("values", &Seq(|| self.0.iter().map(Json)))?;
        object.end()
    }
}

impl ToJson for (Str, Value) {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.field("key", &&*self.0)?;
        object.field("value", &Json(&self.1))?;
        object.end()
    }
}

impl<M: SerializeMap> Object<M> {
    /// Attributes, unless there are none.
    pub(super) fn attributes(&mut self, key: &str, attributes: &Attributes) -> Result<(), M::Error> {
        if attributes.is_empty() { Ok(()) } else { self.field(key, &Seq(|| attributes.iter().map(Json))) }
    }
}

impl ToJson for Resource {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped_attributes)?;
        object.end()
    }
}

impl ToJson for Scope {
    fn to_json<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = Object::begin(to)?;
        object.text("name", &self.name)?;
        object.text("version", &self.version)?;
        object.attributes("attributes", &self.attributes)?;
        object.int("droppedAttributesCount", self.dropped_attributes)?;
        object.end()
    }
}
