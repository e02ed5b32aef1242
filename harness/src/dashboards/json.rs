//! Small questions to JSON that people wrote: tolerant, because Grafana is.

use serde_json::Value as Json;

/// The text at `key`; empty if there is none. Numbers are text too.
pub(super) fn text(json: &Json, key: &str) -> String {
    json.get(key).map(plain).unwrap_or_default()
}

/// A scalar as text; anything else is empty.
pub(super) fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(truth) => truth.to_string(),
        Json::Null | Json::Array(_) | Json::Object(_) => String::new(),
    }
}

/// Whether `key` is true, in any of the ways of saying so.
pub(super) fn truth(json: &Json, key: &str) -> bool {
    match json.get(key) {
        Some(Json::Bool(truth)) => *truth,
        Some(Json::String(text)) => text == "true",
        Some(Json::Number(number)) => number.as_f64() != Some(0.0),
        _ => false,
    }
}

/// The list at `key`; empty if there is none.
pub(super) fn list<'j>(json: &'j Json, key: &str) -> &'j [Json] {
    json.get(key).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// The integer at `key`.
pub(super) fn integer(json: &Json, key: &str) -> Option<i64> {
    match json.get(key)? {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// One text, or several: `"a"`, `["a", "b"]`.
pub(super) fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::Array(items) => items.iter().map(plain).filter(|text| !text.is_empty()).collect(),
        other => Some(plain(other)).filter(|text| !text.is_empty()).into_iter().collect(),
    }
}
