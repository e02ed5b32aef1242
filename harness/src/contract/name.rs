//! Span names with placeholders: `embeddings {gen_ai.request.model}`.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::capture::{Attributes, Value};

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Part {
    Text(String),
    /// Stands for the value of the span's own attribute of this key.
    Attribute(String),
    /// Stands for any text, empty included.
    Any,
}

/// A span name as contracts write it. `{key}` stands for the value of the span's own attribute `key`, `*` for anything.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamePattern {
    source: String,
    parts: Vec<Part>,
}

impl NamePattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says where a brace is left open or a placeholder is empty.
    pub fn parse(source: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = source;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix('*') {
                parts.push(Part::Any);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let (key, tail) = after.split_once('}').ok_or_else(|| format!("`{source}`: a `{{` is never closed"))?;
                if key.is_empty() {
                    return Err(format!("`{source}`: `{{}}` names no attribute; write `*` for anything"));
                }
                parts.push(Part::Attribute(key.to_owned()));
                rest = tail;
            } else {
                let end = rest.find(['*', '{']).unwrap_or(rest.len());
                parts.push(Part::Text(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        }
        if parts.is_empty() {
            return Err("a span name cannot be empty".to_owned());
        }
        Ok(Self { source: source.to_owned(), parts })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The name, if the pattern has no placeholder: such a pattern can be looked up instead of matched.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether a span called `name` with these attributes is meant.
    #[must_use]
    pub fn matches(&self, name: &str, attributes: &Attributes) -> bool {
        matches_parts(&self.parts, name, attributes)
    }

    /// Whether a span called `name` would be meant, had it the right attributes.
    #[must_use]
    pub fn could_match(&self, name: &str) -> bool {
        could_match(&self.parts, name)
    }

    /// Keys of the attributes the name is made of, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Attribute(key) => Some(key.as_str()),
            Part::Text(_) | Part::Any => None,
        })
    }

    /// Whether the pattern says anything at all about the name: `*` does not.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.parts.iter().any(|part| *part != Part::Any)
    }
}

fn matches_parts(parts: &[Part], name: &str, attributes: &Attributes) -> bool {
    let Some((first, rest)) = parts.split_first() else { return name.is_empty() };
    match first {
        Part::Text(text) => name.strip_prefix(text.as_str()).is_some_and(|tail| matches_parts(rest, tail, attributes)),
        Part::Attribute(key) => {
            let tail = match attributes.get(key) {
                Some(Value::Str(text)) => name.strip_prefix(&**text),
                Some(Value::Int(number)) => name.strip_prefix(number.to_string().as_str()),
                _ => return false,
            };
            tail.is_some_and(|tail| matches_parts(rest, tail, attributes))
        }
        Part::Any => tails(name).any(|tail| matches_parts(rest, tail, attributes)),
    }
}

fn could_match(parts: &[Part], name: &str) -> bool {
    let Some((first, rest)) = parts.split_first() else { return name.is_empty() };
    match first {
        Part::Text(text) => name.strip_prefix(text.as_str()).is_some_and(|tail| could_match(rest, tail)),
        Part::Attribute(_) | Part::Any => tails(name).any(|tail| could_match(rest, tail)),
    }
}

/// What is left of `name` after each of its beginnings, the empty one and the whole included.
fn tails(name: &str) -> impl Iterator<Item = &str> {
    name.char_indices().map(|(at, _)| at).chain([name.len()]).map(|at| &name[at..])
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for NamePattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::parse(&source).map_err(de::Error::custom)
    }
}
