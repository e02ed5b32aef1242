//! What a convention says.

use crate::capture::{Attributes, MetricKind, Span, SpanKind, Value};
use crate::contract::Pack;

/// A convention on spans.
pub struct SpanConvention {
    /// What reports call it: `HTTP server`.
    pub name: &'static str,
    /// The pack it belongs to.
    pub pack: Pack,
    /// The kind such spans have.
    pub kind: SpanKind,
    /// Whether the kind may be internal, for a library that works inside the process and calls no server.
    pub may_be_internal: bool,
    /// The attributes, at most 64.
    pub attributes: &'static [AttributeRule],
    /// Beginnings of attribute keys that end in a name of the user's: `http.request.header.`.
    pub prefixes: &'static [&'static str],
    /// What the name should be, if it is wrong.
    pub wrong_name: fn(&Span) -> Option<String>,
    /// How such a span says that it failed.
    pub failure: Failure,
}

/// What a value must be: in words, and as a test.
pub type Test<T> = (&'static str, fn(&T) -> bool);

/// One attribute of a convention.
pub struct AttributeRule {
    /// Its key.
    pub key: &'static str,
    /// Its type.
    pub of_type: ValueType,
    /// When it must be there.
    pub need: Need,
    /// What its value must be beyond its type, in words and as a test.
    pub holds: Option<Test<Value>>,
}

impl AttributeRule {
    /// An attribute that must always be there.
    pub const fn required(key: &'static str, of_type: ValueType) -> Self {
        Self { key, of_type, need: Need::Always, holds: None }
    }

    /// An attribute that must be there when `condition` holds.
    pub const fn when(key: &'static str, of_type: ValueType, condition: fn(&Span) -> bool) -> Self {
        Self { key, of_type, need: Need::When(condition), holds: None }
    }

    /// An attribute that may be there.
    pub const fn optional(key: &'static str, of_type: ValueType) -> Self {
        Self { key, of_type, need: Need::Never, holds: None }
    }

    /// The same, with a test of the value.
    #[must_use]
    pub const fn that_is(self, wanted: &'static str, test: fn(&Value) -> bool) -> Self {
        Self { holds: Some((wanted, test)), ..self }
    }

    /// What is wanted, in words.
    pub fn wanted(&self) -> String {
        match self.holds {
            Some((wanted, _)) => format!("{}: {wanted}", self.of_type.name()),
            None => self.of_type.name().to_owned(),
        }
    }
}

/// When an attribute must be there.
#[derive(Clone, Copy)]
pub enum Need {
    /// On every span of the convention.
    Always,
    /// On spans for which this holds.
    When(fn(&Span) -> bool),
    /// It need not.
    Never,
}

/// The type of an attribute, as conventions give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// Text.
    Text,
    /// A signed integer.
    Int,
    /// A number; integers pass, because some languages have no other.
    Double,
    /// A truth value.
    Bool,
    /// A list of texts.
    Texts,
    /// Anything.
    Any,
}

impl ValueType {
    /// Whether `value` is of the type.
    pub fn admits(self, value: &Value) -> bool {
        match self {
            Self::Text => matches!(value, Value::Str(_)),
            Self::Int => matches!(value, Value::Int(_)),
            Self::Double => matches!(value, Value::Double(_) | Value::Int(_)),
            Self::Bool => matches!(value, Value::Bool(_)),
            Self::Texts => {
                matches!(value, Value::Array(items) if items.iter().all(|item| matches!(item, Value::Str(_))))
            }
            Self::Any => true,
        }
    }

    /// The type in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "int",
            Self::Double => "double",
            Self::Bool => "bool",
            Self::Texts => "array of strings",
            Self::Any => "any value",
        }
    }
}

/// How a span says that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// By an HTTP status of at least this, or by having none.
    HttpStatus(i64),
    /// By its own status alone.
    OwnStatus,
}

/// A convention on a metric.
pub struct MetricConvention {
    /// The Prometheus name.
    pub name: &'static str,
    /// The instrument's name.
    pub instrument: &'static str,
    /// The pack it belongs to.
    pub pack: Pack,
    /// The kind.
    pub kind: MetricKind,
    /// UCUM unit.
    pub unit: &'static str,
    /// Upper bounds of the buckets, without infinity.
    pub buckets: &'static [f64],
    /// Labels, by Prometheus name.
    pub labels: &'static [LabelRule],
    /// The spans whose `error.type` the metric repeats; `None` if it carries none.
    pub errors_of: Option<&'static SpanConvention>,
}

/// One label of a metric's convention.
pub struct LabelRule {
    /// Its Prometheus name: `http_request_method`.
    pub name: &'static str,
    /// When it must be there.
    pub need: Presence,
    /// What its value must be, in words and as a test on its text.
    pub wanted: &'static str,
    /// The test.
    pub holds: fn(&str) -> bool,
}

/// When a label must be there.
#[derive(Clone, Copy)]
pub enum Presence {
    /// On every point.
    Always,
    /// On points whose labels make this hold.
    When(fn(&Attributes) -> bool),
    /// It need not.
    Never,
}
