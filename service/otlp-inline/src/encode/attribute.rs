//! Attributes: OTLP's `KeyValue` and `AnyValue`, of spans and of logs.

use opentelemetry::{Array, KeyValue, Value, logs::AnyValue};

use super::wire;

/// Fields of `KeyValue`.
mod pair {
    pub(super) const KEY: u32 = 1;
    pub(super) const VALUE: u32 = 2;
}

/// Fields of `AnyValue`; one of them is set.
mod any {
    pub(super) const TEXT: u32 = 1;
    pub(super) const BOOL: u32 = 2;
    pub(super) const INT: u32 = 3;
    pub(super) const DOUBLE: u32 = 4;
    pub(super) const ARRAY: u32 = 5;
    pub(super) const MAP: u32 = 6;
    pub(super) const BYTES: u32 = 7;
}

/// The one field of `ArrayValue` and of `KeyValueList`.
const ITEM: u32 = 1;

/// A head whose length takes one byte.
const HEAD: usize = 2;

/// The longest that one byte can tell.
const LONGEST_SHORT: usize = 0x7f;

/// A value as `AnyValue` writes it. Its length is asked first, and has to be what is then written.
pub(crate) trait Encode {
    fn length(&self) -> usize;
    fn write(&self, out: &mut Vec<u8>);
}

/// Appends an attribute as `field` of the message that is being written.
pub(crate) fn attribute(out: &mut Vec<u8>, field: u32, attribute: &KeyValue) {
    let (key, value) = (attribute.key.as_str(), &attribute.value);
    if !write_short_pair(out, field, key, value) {
        write_pair(out, field, key, value);
    }
}

/// Appends a pair of less than 128 bytes, as nearly all are: each length in it then takes one byte, and what stands around
/// the key is appended at once. `false` if it is longer or of another kind; nothing is appended then.
fn write_short_pair(out: &mut Vec<u8>, field: u32, key: &str, value: &Value) -> bool {
    const KEY: u8 = wire::byte_tag(pair::KEY, wire::BYTES);
    const VALUE: u8 = wire::byte_tag(pair::VALUE, wire::BYTES);
    let value_length = match value {
        Value::Bool(value) => value.length(),
        Value::I64(value) => value.length(),
        Value::F64(value) => value.length(),
        Value::String(text) => text.as_str().length(),
        _ => return false,
    };
    let length = HEAD + key.len() + HEAD + value_length;
    if length > LONGEST_SHORT || key.is_empty() {
        return false;
    }
    #[expect(clippy::cast_possible_truncation, reason = "parts of what is short are short")]
    let byte = |length: usize| length as u8;
    out.extend_from_slice(&[wire::byte_tag(field, wire::BYTES), byte(length), KEY, byte(key.len())]);
    out.extend_from_slice(key.as_bytes());
    match value {
        Value::Bool(value) => {
            const BOOL: u8 = wire::byte_tag(any::BOOL, wire::VARINT);
            out.extend_from_slice(&[VALUE, byte(value_length), BOOL, u8::from(*value)]);
        }
        Value::F64(value) => {
            const DOUBLE: u8 = wire::byte_tag(any::DOUBLE, wire::FIXED64);
            out.extend_from_slice(&[VALUE, byte(value_length), DOUBLE]);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        Value::I64(value) => {
            const INT: u8 = wire::byte_tag(any::INT, wire::VARINT);
            out.extend_from_slice(&[VALUE, byte(value_length), INT]);
            wire::varint(out, value.cast_unsigned());
        }
        Value::String(text) => {
            const TEXT: u8 = wire::byte_tag(any::TEXT, wire::BYTES);
            let text = text.as_str();
            out.extend_from_slice(&[VALUE, byte(value_length), TEXT, byte(text.len())]);
            out.extend_from_slice(text.as_bytes());
        }
        _ => {}
    }
    true
}

/// How many bytes [`attribute`] appends.
pub(crate) fn attribute_length(field: u32, attribute: &KeyValue) -> usize {
    pair_length(field, attribute.key.as_str(), &attribute.value)
}

/// Appends a log record's body.
pub(crate) fn body<V: Encode + ?Sized>(out: &mut Vec<u8>, field: u32, value: &V) {
    wire::head(out, field, value.length());
    value.write(out);
}

fn pair_length<V: Encode + ?Sized>(field: u32, key: &str, value: &V) -> usize {
    wire::bytes_length(field, wire::text_length(pair::KEY, key) + wire::bytes_length(pair::VALUE, value.length()))
}

/// Appends a pair as `field` of the message that is being written.
pub(crate) fn write_pair<V: Encode + ?Sized>(out: &mut Vec<u8>, field: u32, key: &str, value: &V) {
    let value_length = value.length();
    wire::head(out, field, wire::text_length(pair::KEY, key) + wire::bytes_length(pair::VALUE, value_length));
    wire::text(out, pair::KEY, key);
    wire::head(out, pair::VALUE, value_length);
    value.write(out);
}

impl<V: Encode + ?Sized> Encode for &V {
    fn length(&self) -> usize {
        (**self).length()
    }

    fn write(&self, out: &mut Vec<u8>) {
        (**self).write(out);
    }
}

impl Encode for str {
    fn length(&self) -> usize {
        wire::bytes_length(any::TEXT, self.len())
    }

    fn write(&self, out: &mut Vec<u8>) {
        wire::bytes(out, any::TEXT, self.as_bytes());
    }
}

impl Encode for bool {
    fn length(&self) -> usize {
        2
    }

    fn write(&self, out: &mut Vec<u8>) {
        wire::varint_field(out, any::BOOL, u64::from(*self));
    }
}

impl Encode for i64 {
    fn length(&self) -> usize {
        1 + wire::varint_length(self.cast_unsigned())
    }

    fn write(&self, out: &mut Vec<u8>) {
        wire::varint_field(out, any::INT, self.cast_unsigned());
    }
}

impl Encode for f64 {
    fn length(&self) -> usize {
        9
    }

    fn write(&self, out: &mut Vec<u8>) {
        wire::fixed64(out, any::DOUBLE, self.to_bits());
    }
}

impl Encode for Value {
    fn length(&self) -> usize {
        match self {
            Self::Bool(value) => value.length(),
            Self::I64(value) => value.length(),
            Self::F64(value) => value.length(),
            Self::String(value) => value.as_str().length(),
            Self::Array(array) => wire::bytes_length(any::ARRAY, array_length(array)),
            other => other.as_str().as_ref().length(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bool(value) => value.write(out),
            Self::I64(value) => value.write(out),
            Self::F64(value) => value.write(out),
            Self::String(value) => value.as_str().write(out),
            Self::Array(array) => {
                wire::head(out, any::ARRAY, array_length(array));
                write_array(out, array);
            }
            // The API may grow; what it then is, is told as text.
            other => other.as_str().as_ref().write(out),
        }
    }
}

fn array_length(array: &Array) -> usize {
    match array {
        Array::Bool(items) => items_length(items.iter().copied()),
        Array::I64(items) => items_length(items.iter().copied()),
        Array::F64(items) => items_length(items.iter().copied()),
        Array::String(items) => items_length(items.iter().map(opentelemetry::StringValue::as_str)),
        _ => 0,
    }
}

fn write_array(out: &mut Vec<u8>, array: &Array) {
    match array {
        Array::Bool(items) => write_items(out, items.iter().copied()),
        Array::I64(items) => write_items(out, items.iter().copied()),
        Array::F64(items) => write_items(out, items.iter().copied()),
        Array::String(items) => write_items(out, items.iter().map(opentelemetry::StringValue::as_str)),
        _ => {}
    }
}

fn items_length(items: impl Iterator<Item = impl Encode>) -> usize {
    items.map(|item| wire::bytes_length(ITEM, item.length())).sum()
}

fn write_items(out: &mut Vec<u8>, items: impl Iterator<Item = impl Encode>) {
    for item in items {
        wire::head(out, ITEM, item.length());
        item.write(out);
    }
}

/// A log's value may hold others. Whoever nests them deeply pays for it: a level's length is computed by each level
/// around it.
impl Encode for AnyValue {
    fn length(&self) -> usize {
        match self {
            Self::Int(value) => value.length(),
            Self::Double(value) => value.length(),
            Self::String(value) => value.as_str().length(),
            Self::Boolean(value) => value.length(),
            Self::Bytes(value) => wire::bytes_length(any::BYTES, value.len()),
            Self::ListAny(items) => wire::bytes_length(any::ARRAY, list_length(items)),
            Self::Map(pairs) => wire::bytes_length(any::MAP, map_length(pairs)),
            _ => 0,
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Int(value) => value.write(out),
            Self::Double(value) => value.write(out),
            Self::String(value) => value.as_str().write(out),
            Self::Boolean(value) => value.write(out),
            Self::Bytes(value) => wire::bytes(out, any::BYTES, value),
            Self::ListAny(items) => {
                wire::head(out, any::ARRAY, list_length(items));
                for item in items.iter() {
                    wire::head(out, ITEM, item.length());
                    item.write(out);
                }
            }
            Self::Map(pairs) => {
                wire::head(out, any::MAP, map_length(pairs));
                for (key, value) in pairs.iter() {
                    write_pair(out, ITEM, key.as_str(), value);
                }
            }
            // The API may grow; a value of a kind that is not known yet is an empty one.
            _ => {}
        }
    }
}

fn list_length(items: &[AnyValue]) -> usize {
    items.iter().map(|item| wire::bytes_length(ITEM, item.length())).sum()
}

fn map_length(pairs: &std::collections::HashMap<opentelemetry::Key, AnyValue>) -> usize {
    pairs.iter().map(|(key, value)| pair_length(ITEM, key.as_str(), value)).sum()
}
