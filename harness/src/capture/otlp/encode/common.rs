//! Values, attributes, resources, scopes and ids.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::resource::v1::Resource as WireResource;

use crate::capture::{Attributes, Resource, Scope, Str, Value};

pub(super) fn value(value: &Value) -> AnyValue {
    AnyValue {
        value: match value {
            Value::Empty => None,
            Value::Str(text) => Some(Wire::StringValue(text.to_string())),
            Value::Bool(truth) => Some(Wire::BoolValue(*truth)),
            Value::Int(number) => Some(Wire::IntValue(*number)),
            Value::Double(number) => Some(Wire::DoubleValue(*number)),
            Value::Bytes(bytes) => Some(Wire::BytesValue(bytes.to_vec())),
            Value::Array(items) => {
                Some(Wire::ArrayValue(ArrayValue { values: items.iter().map(self::value).collect() }))
            }
            Value::Map(pairs) => Some(Wire::KvlistValue(KeyValueList { values: key_values(pairs.iter()) })),
        },
    }
}

pub(super) fn attributes(attributes: &Attributes) -> Vec<KeyValue> {
    key_values(attributes.iter())
}

fn key_values<'a>(pairs: impl Iterator<Item = &'a (Str, Value)>) -> Vec<KeyValue> {
    pairs.map(|(key, item)| key_value(key, item)).collect()
}

pub(super) fn key_value(key: &str, item: &Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(value(item)), ..KeyValue::default() }
}

pub(super) fn resource(resource: &Resource) -> WireResource {
    WireResource {
        attributes: attributes(&resource.attributes),
        dropped_attributes_count: resource.dropped_attributes,
        ..WireResource::default()
    }
}

pub(super) fn scope(scope: &Scope) -> InstrumentationScope {
    InstrumentationScope {
        name: scope.name.to_string(),
        version: scope.version.to_string(),
        attributes: attributes(&scope.attributes),
        dropped_attributes_count: scope.dropped_attributes,
    }
}

/// The bytes of an id; none at all if it is absent.
pub(super) fn id<const N: usize>(id: Option<[u8; N]>) -> Vec<u8> {
    id.map_or_else(Vec::new, |bytes| bytes.to_vec())
}
