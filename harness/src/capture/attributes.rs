//! Attribute values and ordered attribute lists, as OTLP defines them.

use std::fmt;
use std::sync::Arc;

use super::Str;

/// An OTLP `AnyValue`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Absent: an `AnyValue` with no field set.
    #[default]
    Empty,
    /// UTF-8 text.
    Str(Str),
    /// A truth value.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A double; `NaN` and infinities are legal on the wire.
    Double(f64),
    /// Raw bytes.
    Bytes(Arc<[u8]>),
    /// A list, of any types.
    Array(Arc<[Value]>),
    /// Key-value pairs, in wire order.
    Map(Arc<[(Str, Value)]>),
}

impl Value {
    /// The name of the value's type as contracts spell it:
    /// `string`, `bool`, `int`, `double`, `bytes`, `array`, `map` or `empty`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Str(_) => "string",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Double(_) => "double",
            Self::Bytes(_) => "bytes",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is an integer.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The number, if this is an integer or a double.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "telemetry counts stay far below 2^53")]
            Self::Int(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            _ => None,
        }
    }
}

/// Renders as a contract would write it: strings in quotes, so that `"5"` and `5` differ.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("(empty)"),
            Self::Str(text) => write!(f, "{text:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number:?}"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Map(pairs) => {
                f.write_str("{")?;
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{key}: {value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(Arc::from(text))
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

/// Attributes in wire order. Duplicate keys, which OTLP forbids, are kept as
/// they came so that a check can see them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Vec<(Str, Value)>);

impl Attributes {
    /// The value of the first attribute called `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    /// The text of the first attribute called `key`, if it is a string.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// All attributes, in wire order.
    pub fn iter(&self) -> std::slice::Iter<'_, (Str, Value)> {
        self.0.iter()
    }

    /// All attributes, in wire order.
    #[must_use]
    pub fn as_slice(&self) -> &[(Str, Value)] {
        &self.0
    }

    /// How many there are, duplicates counted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends one attribute, without looking for a duplicate.
    pub fn push(&mut self, key: Str, value: Value) {
        self.0.push((key, value));
    }

    /// Replaces the first attribute called `key`, or appends it.
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.0.iter_mut().find(|(name, _)| &**name == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((Arc::from(key), value)),
        }
    }

    /// Removes every attribute called `key`; returns the first one's value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let found = self.get(key).cloned();
        self.0.retain(|(name, _)| &**name != key);
        found
    }
}

impl FromIterator<(Str, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (Str, Value)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a Attributes {
    type Item = &'a (Str, Value);
    type IntoIter = std::slice::Iter<'a, (Str, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
