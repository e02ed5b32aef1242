//! Whether attributes came back unchanged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;

use super::compare::Comparison;
use super::losses::Row;
use crate::capture::{Attributes, Value};

/// Compares attributes, whose order means nothing; `place` names whose they are.
pub(super) fn attributes(to: &mut Comparison, place: &str, sent: &Attributes, stored: &Attributes) {
    let mut seen: Vec<&str> = Vec::new();
    for (key, _) in sent {
        if seen.contains(&&**key) {
            continue;
        }
        seen.push(key);
        one(to, &format!("{place}{key}"), &all(sent, key), &all(stored, key));
    }
    for (key, value) in stored {
        if !seen.contains(&&**key) {
            to.differs(format!("{place}{key}"), "none", value, None);
        }
    }
}

fn all<'a>(attributes: &'a Attributes, key: &str) -> Vec<&'a Value> {
    attributes.iter().filter(|(name, _)| **name == *key).map(|(_, value)| value).collect()
}

/// Compares the values of one key: one, unless OTLP's rule of unique keys is broken.
fn one(to: &mut Comparison, field: &str, sent: &[&Value], stored: &[&Value]) {
    let equal = |sent: &[&Value], change: fn(&Value, &Value) -> bool| {
        sent.len() == stored.len() && sent.iter().zip(stored).all(|(sent, stored)| change(sent, stored))
    };
    if equal(sent, same) {
        if sent.len() > 1 {
            to.kept.note(Row::Repeated);
        }
        if sent.iter().any(|value| is_structure(value)) {
            to.kept.note(Row::Structure);
        }
        return;
    }
    let last = &sent[sent.len() - 1..];
    let loss = if equal(sent, |sent, stored| same(sent, stored) || is_text_of(sent, stored)) {
        Some(Row::Structure)
    } else if equal(last, |sent, stored| same(sent, stored) || is_text_of(sent, stored)) {
        Some(Row::Repeated)
    } else {
        None
    };
    to.differs(field.to_owned(), &list(sent), &list(stored), loss);
}

fn list(values: &[&Value]) -> String {
    if values.is_empty() {
        return "none".to_owned();
    }
    let typed = |value: &&Value| match value {
        // Text and numbers show their types by how they are written; these do not.
        Value::Bytes(_) | Value::Map(_) | Value::Empty => value.to_string(),
        _ => format!("{value} ({})", value.type_name()),
    };
    values.iter().map(typed).collect::<Vec<_>>().join(", ")
}

/// Equal, with `NaN` equal to itself.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Double(left), Value::Double(right)) => {
            left.to_bits() == right.to_bits() || left.is_nan() && right.is_nan()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(&**right).all(|(left, right)| same(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().zip(&**right).all(|((a, left), (b, right))| a == b && same(left, right))
        }
        _ => left == right,
    }
}

fn is_structure(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Map(_) | Value::Empty)
}

/// Whether `stored` is the text that Jaeger's older model makes of a list, a map or an empty value.
fn is_text_of(sent: &Value, stored: &Value) -> bool {
    let Value::Str(text) = stored else { return false };
    match sent {
        Value::Empty => text.is_empty(),
        Value::Array(_) | Value::Map(_) => serde_json::from_str::<Json>(text).is_ok_and(|json| is_json_of(sent, &json)),
        _ => false,
    }
}

fn is_json_of(value: &Value, json: &Json) -> bool {
    match (value, json) {
        (Value::Empty, Json::Null) => true,
        (Value::Str(text), Json::String(found)) => **text == **found,
        (Value::Bool(truth), Json::Bool(found)) => truth == found,
        (Value::Int(number), Json::Number(found)) => found.as_i64() == Some(*number),
        (Value::Double(number), Json::Number(found)) => {
            found.as_f64().is_some_and(|found| found.to_bits() == number.to_bits())
        }
        (Value::Bytes(bytes), Json::String(found)) => STANDARD.encode(bytes) == *found,
        (Value::Array(items), Json::Array(found)) => {
            items.len() == found.len() && items.iter().zip(found).all(|(item, found)| is_json_of(item, found))
        }
        (Value::Map(pairs), Json::Object(found)) => {
            pairs.len() == found.len()
                && pairs.iter().all(|(key, value)| found.get(&**key).is_some_and(|found| is_json_of(value, found)))
        }
        _ => false,
    }
}
