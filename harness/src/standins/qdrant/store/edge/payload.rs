//! Payloads as the engine has them: JSON.

use qdrant_client::qdrant::Value;
use qdrant_client::qdrant::value::Kind;
use serde_json::Map;
use serde_json::Value as Json;

use crate::standins::qdrant::store::path::Object;

/// A payload as JSON.
pub(super) fn object(payload: &Object) -> Map<String, Json> {
    payload.iter().map(|(key, value)| (key.clone(), json(value))).collect()
}

fn json(value: &Value) -> Json {
    match &value.kind {
        None | Some(Kind::NullValue(_)) => Json::Null,
        Some(Kind::BoolValue(truth)) => (*truth).into(),
        Some(Kind::IntegerValue(number)) => (*number).into(),
        Some(Kind::DoubleValue(number)) => (*number).into(),
        Some(Kind::StringValue(text)) => text.clone().into(),
        Some(Kind::ListValue(list)) => list.values.iter().map(json).collect(),
        Some(Kind::StructValue(inner)) => object(&inner.fields).into(),
    }
}
