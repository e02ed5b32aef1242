//! Values, attributes, resources, scopes and ids.

use std::sync::Arc;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Wire;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1::Resource as WireResource;

use crate::capture::otlp::DecodeError;
use crate::capture::{Attributes, Interner, Origin, Resource, Scope, Str, Value};

pub(super) fn value(wire: Option<&AnyValue>, strings: &mut Interner) -> Value {
    match wire.and_then(|any| any.value.as_ref()) {
        // A string index belongs to profiles: OTLP asks other receivers to read it as absent.
        None | Some(Wire::StringValueStrindex(_)) => Value::Empty,
        Some(Wire::StringValue(text)) => Value::Str(strings.intern(text)),
        Some(Wire::BoolValue(truth)) => Value::Bool(*truth),
        Some(Wire::IntValue(number)) => Value::Int(*number),
        Some(Wire::DoubleValue(number)) => Value::Double(*number),
        Some(Wire::BytesValue(bytes)) => Value::Bytes(Arc::from(bytes.as_slice())),
        Some(Wire::ArrayValue(array)) => {
            Value::Array(array.values.iter().map(|item| value(Some(item), strings)).collect())
        }
        Some(Wire::KvlistValue(list)) => Value::Map(pairs(&list.values, strings).collect()),
    }
}

// Read by reference: collecting from the owned list would keep its larger allocation.
pub(super) fn attributes(wire: &[KeyValue], strings: &mut Interner) -> Attributes {
    pairs(wire, strings).collect()
}

fn pairs<'a>(wire: &'a [KeyValue], strings: &'a mut Interner) -> impl Iterator<Item = (Str, Value)> + 'a {
    wire.iter().map(move |pair| (strings.intern(&pair.key), value(pair.value.as_ref(), strings)))
}

pub(super) fn resource(wire: Option<&WireResource>, schema_url: &str, strings: &mut Interner) -> Arc<Resource> {
    let schema_url = strings.intern(schema_url);
    let resource = match wire {
        None => Resource { schema_url, ..Resource::default() },
        Some(wire) => Resource {
            attributes: attributes(&wire.attributes, strings),
            dropped_attributes: wire.dropped_attributes_count,
            schema_url,
        },
    };
    strings.share_resource(resource)
}

pub(super) fn origin(
    resource: &Arc<Resource>,
    scope: Option<&InstrumentationScope>,
    schema_url: &str,
    strings: &mut Interner,
) -> Arc<Origin> {
    let schema_url = strings.intern(schema_url);
    let scope = match scope {
        None => Scope { schema_url, ..Scope::default() },
        Some(wire) => Scope {
            name: strings.intern(&wire.name),
            version: strings.intern(&wire.version),
            attributes: attributes(&wire.attributes, strings),
            dropped_attributes: wire.dropped_attributes_count,
            schema_url,
        },
    };
    strings.share_origin(resource, scope)
}

/// An id that may be absent. All zeros is how some SDKs say so.
pub(super) fn optional_id<const N: usize>(wire: &[u8], field: &'static str) -> Result<Option<[u8; N]>, DecodeError> {
    let id = id(wire, field)?;
    Ok((id != [0; N]).then_some(id))
}

/// An id; zeros if it is absent, so that a check can report it.
pub(super) fn id<const N: usize>(wire: &[u8], field: &'static str) -> Result<[u8; N], DecodeError> {
    if wire.is_empty() {
        return Ok([0; N]);
    }
    wire.try_into().map_err(|_| DecodeError::Id { field, found: wire.len(), wanted: N })
}
