//! Conditions on one field of a payload.

use std::collections::HashSet;

use qdrant_client::qdrant::r#match::MatchValue;
use qdrant_client::qdrant::value::Kind;
use qdrant_client::qdrant::{FieldCondition, Range, Value, ValuesCount};

use super::Error;
use super::error::refuse;
use super::path::{Object, Path};

/// A field and what must hold of it.
#[derive(Debug)]
pub(super) struct Field {
    path: Path,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Keyword(String),
    Integer(i64),
    Bool(bool),
    AnyKeyword(HashSet<String>),
    AnyInteger(HashSet<i64>),
    ExceptKeywords(HashSet<String>),
    ExceptIntegers(HashSet<i64>),
    Range(Range),
    Count(ValuesCount),
    Empty(bool),
    Null(bool),
}

impl Field {
    /// Reads a condition; exactly one test must be set in it.
    pub(super) fn read(field: FieldCondition) -> Result<Self, Error> {
        let geo = field.geo_bounding_box.is_some() || field.geo_radius.is_some() || field.geo_polygon.is_some();
        refuse(geo, "geo conditions")?;
        refuse(field.datetime_range.is_some(), "datetime ranges")?;

        let matching = field.r#match.map(|matching| read_match(matching.match_value)).transpose()?;
        let mut tests = [
            matching,
            field.range.map(Test::Range),
            field.values_count.map(Test::Count),
            field.is_empty.map(Test::Empty),
            field.is_null.map(Test::Null),
        ]
        .into_iter()
        .flatten();
        let test =
            tests.next().ok_or_else(|| Error::BadInput("At least one field condition must be specified".to_owned()))?;
        refuse(tests.next().is_some(), "several tests in one field condition")?;

        Ok(Self { path: Path::parse(&field.key)?, test })
    }

    /// Whether the condition holds of `payload`.
    pub(super) fn holds(&self, payload: &Object) -> bool {
        let values = self.path.values(payload);
        if values.is_empty() {
            return self.test.holds_of_nothing();
        }
        values.into_iter().any(|value| self.test.holds_of(value))
    }
}

fn read_match(value: Option<MatchValue>) -> Result<Test, Error> {
    match value {
        Some(MatchValue::Keyword(keyword)) => Ok(Test::Keyword(keyword)),
        Some(MatchValue::Integer(integer)) => Ok(Test::Integer(integer)),
        Some(MatchValue::Boolean(truth)) => Ok(Test::Bool(truth)),
        Some(MatchValue::Keywords(any)) => Ok(Test::AnyKeyword(any.strings.into_iter().collect())),
        Some(MatchValue::Integers(any)) => Ok(Test::AnyInteger(any.integers.into_iter().collect())),
        Some(MatchValue::ExceptKeywords(except)) => Ok(Test::ExceptKeywords(except.strings.into_iter().collect())),
        Some(MatchValue::ExceptIntegers(except)) => Ok(Test::ExceptIntegers(except.integers.into_iter().collect())),
        Some(
            MatchValue::Text(_)
            | MatchValue::Phrase(_)
            | MatchValue::TextAny(_)
            | MatchValue::Prefix(_)
            | MatchValue::Substring(_),
        ) => Err(Error::Unsupported("full-text matches")),
        None => Err(Error::Malformed("Malformed Match condition".to_owned())),
    }
}

impl Test {
    fn holds_of_nothing(&self) -> bool {
        match self {
            Self::Count(bounds) => within(bounds, 0),
            Self::Empty(wanted) => *wanted,
            // A missing field is not null.
            Self::Null(wanted) => !*wanted,
            _ => false,
        }
    }

    fn holds_of(&self, value: &Value) -> bool {
        match (self, &value.kind) {
            (Self::Count(bounds), kind) => within(bounds, count(kind.as_ref())),
            (Self::Empty(wanted), kind) => is_empty(kind.as_ref()) == *wanted,
            (Self::Null(wanted), kind) => is_null(kind.as_ref()) == *wanted,
            // One element of an array is enough; an array inside an array is not entered.
            (_, Some(Kind::ListValue(list))) => list.values.iter().any(|value| self.matches(value)),
            _ => self.matches(value),
        }
    }

    fn matches(&self, value: &Value) -> bool {
        match (self, &value.kind) {
            (Self::Keyword(wanted), Some(Kind::StringValue(text))) => text == wanted,
            (Self::Integer(wanted), Some(Kind::IntegerValue(number))) => number == wanted,
            (Self::Bool(wanted), Some(Kind::BoolValue(truth))) => truth == wanted,
            (Self::AnyKeyword(any), Some(Kind::StringValue(text))) => any.contains(text),
            (Self::AnyInteger(any), Some(Kind::IntegerValue(number))) => any.contains(number),
            (Self::ExceptKeywords(_) | Self::ExceptIntegers(_), None | Some(Kind::NullValue(_))) => false,
            (Self::ExceptKeywords(except), Some(Kind::StringValue(text))) => !except.contains(text),
            (Self::ExceptIntegers(except), Some(Kind::IntegerValue(number))) => !except.contains(number),
            // A value of another type is none of those excepted.
            (Self::ExceptKeywords(_) | Self::ExceptIntegers(_), Some(_)) => true,
            #[expect(clippy::cast_precision_loss, reason = "Qdrant compares integers as doubles too")]
            (Self::Range(range), Some(Kind::IntegerValue(number))) => in_range(range, *number as f64),
            (Self::Range(range), Some(Kind::DoubleValue(number))) => in_range(range, *number),
            _ => false,
        }
    }
}

/// Whether `value` is what Qdrant calls empty: null or an empty array.
pub(super) fn is_empty(value: Option<&Kind>) -> bool {
    match value {
        None | Some(Kind::NullValue(_)) => true,
        Some(Kind::ListValue(list)) => list.values.is_empty(),
        _ => false,
    }
}

/// Whether `value` is null or an array with a null in it.
pub(super) fn is_null(value: Option<&Kind>) -> bool {
    match value {
        None | Some(Kind::NullValue(_)) => true,
        Some(Kind::ListValue(list)) => {
            list.values.iter().any(|value| matches!(value.kind, None | Some(Kind::NullValue(_))))
        }
        _ => false,
    }
}

fn in_range(range: &Range, number: f64) -> bool {
    range.gt.is_none_or(|bound| number > bound)
        && range.gte.is_none_or(|bound| number >= bound)
        && range.lt.is_none_or(|bound| number < bound)
        && range.lte.is_none_or(|bound| number <= bound)
}

fn count(value: Option<&Kind>) -> u64 {
    match value {
        None | Some(Kind::NullValue(_)) => 0,
        Some(Kind::ListValue(list)) => list.values.len() as u64,
        Some(_) => 1,
    }
}

fn within(bounds: &ValuesCount, count: u64) -> bool {
    bounds.gt.is_none_or(|bound| count > bound)
        && bounds.gte.is_none_or(|bound| count >= bound)
        && bounds.lt.is_none_or(|bound| count < bound)
        && bounds.lte.is_none_or(|bound| count <= bound)
}
