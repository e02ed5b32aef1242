//! What an attribute's value must be: a value, or a predicate over it.

use std::fmt;

use regex::Regex;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

use crate::capture::Value;

/// An expectation on a value. In YAML a scalar means *equal, and of that type*; a map is a [`Predicate`].
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// Equal to this, and of its type: `5` is not `"5"`, and `5` is not `5.0`.
    Equal(Scalar),
    /// All conditions of the predicate hold.
    Holds(Box<Predicate>),
}

/// A scalar of YAML with its type.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text.
    Str(String),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a point or an exponent.
    Double(f64),
}

/// Conditions on a value; all that are given must hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Predicate {
    /// Its type. Without it, any type for which the other conditions make sense.
    #[serde(rename = "type")]
    pub of_type: Option<TypeName>,
    /// One of these values, types included.
    pub one_of: Option<Vec<Scalar>>,
    /// A number of at least this.
    pub min: Option<f64>,
    /// A number of at most this.
    pub max: Option<f64>,
    /// Text that matches this regular expression somewhere; anchor it with `^` and `$`.
    #[serde(default, deserialize_with = "regex")]
    pub matches: Option<Regex>,
    /// The attribute may be absent; if it is there, the other conditions hold.
    #[serde(default)]
    pub optional: bool,
    /// The attribute must not be there; no other condition makes sense beside it.
    #[serde(default)]
    pub absent: bool,
}

impl PartialEq for Predicate {
    fn eq(&self, other: &Self) -> bool {
        self.of_type == other.of_type
            && self.one_of == other.one_of
            && self.min == other.min
            && self.max == other.max
            && self.matches.as_ref().map(Regex::as_str) == other.matches.as_ref().map(Regex::as_str)
            && self.optional == other.optional
            && self.absent == other.absent
    }
}

/// A value's type, as contracts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeName {
    /// Text.
    String,
    /// A truth value.
    Bool,
    /// A signed integer.
    Int,
    /// A floating-point number.
    Double,
    /// Bytes.
    Bytes,
    /// A list.
    Array,
    /// Key-value pairs.
    Map,
}

impl TypeName {
    /// The name, equal to [`Value::type_name`] of a value of the type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Bytes => "bytes",
            Self::Array => "array",
            Self::Map => "map",
        }
    }
}

/// How a value differs from what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// There is none, and there must be.
    Missing,
    /// There is one, and there must not be.
    Present,
    /// It is of another type.
    Type,
    /// It is of the right type and has another value.
    Value,
}

impl Expect {
    /// Compares what was found with what is expected; `None` if it holds.
    #[must_use]
    pub fn mismatch(&self, found: Option<&Value>) -> Option<Mismatch> {
        match self {
            Self::Equal(wanted) => match found {
                None => Some(Mismatch::Missing),
                Some(value) if wanted.type_name() != value.type_name() => Some(Mismatch::Type),
                Some(value) => (!wanted.equals(value)).then_some(Mismatch::Value),
            },
            Self::Holds(predicate) => predicate.mismatch(found),
        }
    }

    /// Whether an absent value is fine.
    #[must_use]
    pub fn allows_absence(&self) -> bool {
        matches!(self, Self::Holds(predicate) if predicate.optional || predicate.absent)
    }
}

impl Predicate {
    fn mismatch(&self, found: Option<&Value>) -> Option<Mismatch> {
        let Some(value) = found else {
            return (!self.optional && !self.absent).then_some(Mismatch::Missing);
        };
        if self.absent {
            return Some(Mismatch::Present);
        }
        if self.of_type.is_some_and(|wanted| wanted.name() != value.type_name()) {
            return Some(Mismatch::Type);
        }
        if let Some(allowed) = &self.one_of
            && !allowed.iter().any(|scalar| scalar.equals(value))
        {
            let of_another_type = allowed.iter().all(|scalar| scalar.type_name() != value.type_name());
            return Some(if of_another_type { Mismatch::Type } else { Mismatch::Value });
        }
        if self.min.is_some() || self.max.is_some() {
            let Some(number) = value.as_f64() else { return Some(Mismatch::Type) };
            let in_range = self.min.is_none_or(|min| number >= min) && self.max.is_none_or(|max| number <= max);
            if !in_range {
                return Some(Mismatch::Value);
            }
        }
        if let Some(pattern) = &self.matches {
            let Some(text) = value.as_str() else { return Some(Mismatch::Type) };
            if !pattern.is_match(text) {
                return Some(Mismatch::Value);
            }
        }
        None
    }
}

impl Scalar {
    /// Equal, and of the same type.
    #[must_use]
    pub fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Str(wanted), Value::Str(found)) => **wanted == **found,
            (Self::Bool(wanted), Value::Bool(found)) => wanted == found,
            (Self::Int(wanted), Value::Int(found)) => wanted == found,
            (Self::Double(wanted), Value::Double(found)) => wanted.to_bits() == found.to_bits(),
            _ => false,
        }
    }

    /// The name of its type, as contracts spell it.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Str(_) => "string",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Double(_) => "double",
        }
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) => write!(f, "{text:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Double(number) => write!(f, "{number:?}"),
        }
    }
}

/// Says what is wanted, as the report prints it: `an int of at least 1`.
impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let predicate = match self {
            Self::Equal(scalar) => return write!(f, "{scalar} ({})", scalar.type_name()),
            Self::Holds(predicate) => predicate,
        };
        if predicate.absent {
            return f.write_str("absent");
        }
        f.write_str(predicate.of_type.map_or("any value", TypeName::name))?;
        if let Some(allowed) = &predicate.one_of {
            f.write_str(", one of ")?;
            for (index, scalar) in allowed.iter().enumerate() {
                write!(f, "{}{scalar}", if index > 0 { " | " } else { "" })?;
            }
        }
        if let Some(min) = predicate.min {
            write!(f, ", at least {min}")?;
        }
        if let Some(max) = predicate.max {
            write!(f, ", at most {max}")?;
        }
        if let Some(pattern) = &predicate.matches {
            write!(f, ", matching /{pattern}/")?;
        }
        if predicate.optional {
            f.write_str(", or absent")?;
        }
        Ok(())
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true or false")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Int(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Scalar, E> {
        i64::try_from(number)
            .map(Scalar::Int)
            .map_err(|_| E::custom(format!("{number} does not fit a signed 64-bit integer")))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Double(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Str(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Expect;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or a map of conditions (type, one-of, min, max, matches, optional, absent)")
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Expect, E> {
                ScalarVisitor.visit_bool(truth).map(Expect::Equal)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Expect, E> {
                ScalarVisitor.visit_i64(number).map(Expect::Equal)
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Expect, E> {
                ScalarVisitor.visit_u64(number).map(Expect::Equal)
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Expect, E> {
                ScalarVisitor.visit_f64(number).map(Expect::Equal)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Expect, E> {
                ScalarVisitor.visit_str(text).map(Expect::Equal)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Expect, A::Error> {
                let predicate = Predicate::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Expect::Holds(Box::new(predicate)))
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

fn regex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let source = String::deserialize(deserializer)?;
    Regex::new(&source).map(Some).map_err(de::Error::custom)
}
