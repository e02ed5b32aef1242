//! Paths into a payload: `city`, `address.city`, `tags[]`, `visits[0].year`, `"a.b"`.

use std::collections::HashMap;

use qdrant_client::qdrant::Value;
use qdrant_client::qdrant::value::Kind;

use super::Error;

/// A parsed path.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    first: String,
    rest: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
    Each,
}

/// A JSON object, as the wire has it.
pub(super) type Object = HashMap<String, Value>;

impl Path {
    /// Reads a path.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        parse(text).ok_or_else(|| Error::Malformed(format!("Failed to parse JSON path: \"{text}\"")))
    }

    /// The same path, into every element of the array it ends in.
    pub(super) fn each(mut self) -> Self {
        if !matches!(self.rest.last(), Some(Step::Each)) {
            self.rest.push(Step::Each);
        }
        self
    }

    /// The key, if the path is nothing but a top-level key.
    pub(super) fn top_level(self) -> Option<String> {
        self.rest.is_empty().then_some(self.first)
    }

    /// All values at the path. An array that the path does not enter is one value.
    pub(super) fn values<'a>(&self, object: &'a Object) -> Vec<&'a Value> {
        let mut found = Vec::new();
        if let Some(value) = object.get(&self.first) {
            walk(&self.rest, value, &mut found);
        }
        found
    }
}

fn walk<'a>(steps: &[Step], value: &'a Value, found: &mut Vec<&'a Value>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return;
    };
    match (step, &value.kind) {
        (Step::Key(key), Some(Kind::StructValue(object))) => {
            if let Some(value) = object.fields.get(key) {
                walk(rest, value, found);
            }
        }
        (Step::Index(index), Some(Kind::ListValue(list))) => {
            if let Some(value) = list.values.get(*index) {
                walk(rest, value, found);
            }
        }
        (Step::Each, Some(Kind::ListValue(list))) => {
            list.values.iter().for_each(|value| walk(rest, value, found));
        }
        _ => {}
    }
}

fn parse(text: &str) -> Option<Path> {
    let (first, mut left) = key(text)?;
    let mut rest = Vec::new();
    while !left.is_empty() {
        if let Some(after) = left.strip_prefix('.') {
            let (name, after) = key(after)?;
            rest.push(Step::Key(name));
            left = after;
        } else {
            let (index, after) = left.strip_prefix('[')?.split_once(']')?;
            rest.push(if index.is_empty() { Step::Each } else { Step::Index(digits(index)?) });
            left = after;
        }
    }
    Some(Path { first, rest })
}

/// One key, bare or quoted, and what follows it.
fn key(text: &str) -> Option<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, after) = quoted.split_once('"')?;
        return (!name.contains('\\')).then(|| (name.to_owned(), after));
    }
    let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let end = text.find(|c| !bare(c)).unwrap_or(text.len());
    (end > 0).then(|| (text[..end].to_owned(), &text[end..]))
}

fn digits(text: &str) -> Option<usize> {
    // `str::parse` alone would also take a sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_keys_elements_and_quoted_keys() {
        let path = Path::parse("foo[1][].bar-baz.\"a.b\"").unwrap();

        assert_eq!(path.first, "foo");
        assert_eq!(
            path.rest,
            [Step::Index(1), Step::Each, Step::Key("bar-baz".to_owned()), Step::Key("a.b".to_owned())]
        );
    }

    #[test]
    fn a_malformed_path_is_refused() {
        for text in ["", ".", "a.", "a..b", "a[", "a[x]", "a[+1]", "a b", "\"a"] {
            assert!(Path::parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
