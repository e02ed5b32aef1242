//! Values, attributes, resources and scopes.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::scalar::{Base64, Int, List, Real, Text};
use crate::capture::{self, Attributes, Interner, Origin, Str, Value};

#[derive(Default)]
pub(super) enum AnyValue<'a> {
    #[default]
    Empty,
    Text(Text<'a>),
    Bool(bool),
    Int(i64),
    Double(f64),
    Bytes(Vec<u8>),
    Array(List<AnyValue<'a>>),
    Map(List<KeyValue<'a>>),
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum ValueKey {
    #[serde(alias = "string_value")]
    StringValue,
    #[serde(alias = "bool_value")]
    BoolValue,
    #[serde(alias = "int_value")]
    IntValue,
    #[serde(alias = "double_value")]
    DoubleValue,
    #[serde(alias = "array_value")]
    ArrayValue,
    #[serde(alias = "kvlist_value")]
    KvlistValue,
    #[serde(alias = "bytes_value")]
    BytesValue,
    #[serde(other)]
    Other,
}

/// The message that wraps a list inside a value.
#[derive(Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct Values<T> {
    #[serde(default)]
    values: List<T>,
}

impl<'de: 'a, 'a> Deserialize<'de> for AnyValue<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ValueVisitor;

        impl<'de> Visitor<'de> for ValueVisitor {
            type Value = AnyValue<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object like {\"stringValue\": \"text\"}")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValue<'de>, A::Error> {
                let mut value = AnyValue::Empty;
                while let Some(key) = map.next_key()? {
                    value = match key {
                        ValueKey::StringValue => AnyValue::Text(map.next_value()?),
                        ValueKey::BoolValue => AnyValue::Bool(map.next_value()?),
                        ValueKey::IntValue => AnyValue::Int(map.next_value::<Int<_>>()?.0),
                        ValueKey::DoubleValue => AnyValue::Double(map.next_value::<Real>()?.0),
                        ValueKey::ArrayValue => AnyValue::Array(map.next_value::<Values<_>>()?.values),
                        ValueKey::KvlistValue => AnyValue::Map(map.next_value::<Values<_>>()?.values),
                        ValueKey::BytesValue => AnyValue::Bytes(map.next_value::<Base64>()?.0),
                        ValueKey::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                }
                Ok(value)
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<AnyValue<'de>, E> {
                Ok(AnyValue::Empty)
            }
        }

        from.deserialize_any(ValueVisitor)
    }
}

#[derive(Deserialize)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(super) struct KeyValue<'a> {
    #[serde(default)]
    key: Text<'a>,
    #[serde(default)]
    value: AnyValue<'a>,
}

impl KeyValue<'_> {
    /// Key and value, if the value is a string.
    pub(super) fn text(&self) -> Option<(&str, &str)> {
        match &self.value {
            AnyValue::Text(text) => Some((&self.key, text)),
            _ => None,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Resource<'a> {
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Scope<'a> {
    name: Text<'a>,
    version: Text<'a>,
    attributes: List<KeyValue<'a>>,
    #[serde(alias = "dropped_attributes_count")]
    dropped_attributes_count: Int<u32>,
}

pub(super) fn value(json: &AnyValue<'_>, strings: &mut Interner) -> Value {
    match json {
        AnyValue::Empty => Value::Empty,
        AnyValue::Text(text) => Value::Str(strings.intern(text)),
        AnyValue::Bool(truth) => Value::Bool(*truth),
        AnyValue::Int(number) => Value::Int(*number),
        AnyValue::Double(number) => Value::Double(*number),
        AnyValue::Bytes(bytes) => Value::Bytes(Arc::from(bytes.as_slice())),
        AnyValue::Array(items) => Value::Array(items.iter().map(|item| value(item, strings)).collect()),
        AnyValue::Map(list) => Value::Map(pairs(list, strings).collect()),
    }
}

pub(super) fn attributes(json: &[KeyValue<'_>], strings: &mut Interner) -> Attributes {
    pairs(json, strings).collect()
}

fn pairs<'a>(json: &'a [KeyValue<'_>], strings: &'a mut Interner) -> impl Iterator<Item = (Str, Value)> + 'a {
    json.iter().map(move |pair| (strings.intern(&pair.key), value(&pair.value, strings)))
}

pub(super) fn resource(
    json: Option<&Resource<'_>>,
    schema_url: &str,
    strings: &mut Interner,
) -> Arc<capture::Resource> {
    let schema_url = strings.intern(schema_url);
    let resource = match json {
        None => capture::Resource { schema_url, ..capture::Resource::default() },
        Some(json) => capture::Resource {
            attributes: attributes(&json.attributes, strings),
            dropped_attributes: json.dropped_attributes_count.0,
            schema_url,
        },
    };
    strings.share_resource(resource)
}

pub(super) fn origin(
    resource: &Arc<capture::Resource>,
    json: Option<&Scope<'_>>,
    schema_url: &str,
    strings: &mut Interner,
) -> Arc<Origin> {
    let schema_url = strings.intern(schema_url);
    let scope = match json {
        None => capture::Scope { schema_url, ..capture::Scope::default() },
        Some(json) => capture::Scope {
            name: strings.intern(&json.name),
            version: strings.intern(&json.version),
            attributes: attributes(&json.attributes, strings),
            dropped_attributes: json.dropped_attributes_count.0,
            schema_url,
        },
    };
    strings.share_origin(resource, scope)
}
