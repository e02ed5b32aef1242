//! How many: `1`, `0..1`, `2..`, `..5`.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// An inclusive range of counts. Written `3`, `1..2`, `1..` or `..2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range {
    /// At least this many.
    pub min: u64,
    /// At most this many; `None` for no limit.
    pub max: Option<u64>,
}

impl Range {
    /// Exactly one.
    pub const ONE: Self = Self::exactly(1);

    /// Exactly `count`.
    #[must_use]
    pub const fn exactly(count: u64) -> Self {
        Self { min: count, max: Some(count) }
    }

    /// Whether `count` is in the range.
    #[must_use]
    pub fn contains(&self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// Reads the written form.
    ///
    /// # Errors
    /// Says what the written form is if `text` is not in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a count: write `3`, `1..2`, `1..` or `..2`");
        let number = |digits: &str| digits.trim().parse::<u64>().map_err(|_| wrong());
        let range = match text.split_once("..") {
            None => Self::exactly(number(text)?),
            Some((min, max)) => Self {
                min: if min.trim().is_empty() { 0 } else { number(min)? },
                max: if max.trim().is_empty() { None } else { Some(number(max)?) },
            },
        };
        if range.max.is_some_and(|max| max < range.min) {
            return Err(format!("`{text}` is an empty range: its end is below its start"));
        }
        Ok(range)
    }
}

impl Default for Range {
    fn default() -> Self {
        Self::ONE
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (min, Some(max)) if min == max => write!(f, "exactly {min}"),
            (0, Some(max)) => write!(f, "at most {max}"),
            (min, Some(max)) => write!(f, "{min} to {max}"),
            (min, None) => write!(f, "at least {min}"),
        }
    }
}

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl Visitor<'_> for Seen {
            type Value = Range;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a count such as 3, \"1..2\", \"1..\" or \"..2\"")
            }

            fn visit_u64<E: de::Error>(self, count: u64) -> Result<Range, E> {
                Ok(Range::exactly(count))
            }

            fn visit_i64<E: de::Error>(self, count: i64) -> Result<Range, E> {
                u64::try_from(count)
                    .map(Range::exactly)
                    .map_err(|_| E::custom(format!("a count cannot be negative, and {count} is")))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Range, E> {
                Range::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Seen)
    }
}
