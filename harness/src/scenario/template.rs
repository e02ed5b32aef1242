//! Placeholders: `${canary.query}`, `${each.id}`.

use std::collections::BTreeMap;

use serde_json::Value;

/// A placeholder that stands for nothing.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TemplateError {
    /// The name is not known.
    #[error("`${{{name}}}` stands for nothing here; known are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// Names that are known, nearest first.
        known: String,
    },
    /// A `${` without its `}`.
    #[error("a `${{` is never closed in `{0}`")]
    Open(String),
    /// The value is a list or map, where text is needed.
    #[error("`${{{0}}}` is a list or map and cannot stand inside text; let it be the whole string")]
    NotText(String),
}

/// What placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variables(BTreeMap<String, Value>);

impl Variables {
    /// Lets `name` stand for `value`.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(name.into(), value.into());
    }

    /// What `name` stands for.
    ///
    /// # Errors
    /// If it stands for nothing.
    pub fn get(&self, name: &str) -> Result<&Value, TemplateError> {
        self.0.get(name).ok_or_else(|| {
            let mut known: Vec<&str> = self.0.keys().map(String::as_str).collect();
            known.sort_by_key(|candidate| strsim::damerau_levenshtein(candidate, name));
            known.truncate(8);
            TemplateError::Unknown { name: name.to_owned(), known: known.join(", ") }
        })
    }

    /// `text` with every placeholder replaced.
    ///
    /// # Errors
    /// If a placeholder is left open, stands for nothing, or for a list or map.
    pub fn text(&self, text: &str) -> Result<String, TemplateError> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            out.push_str(&rest[..at]);
            let after = &rest[at + 2..];
            let end = after.find('}').ok_or_else(|| TemplateError::Open(text.to_owned()))?;
            let name = &after[..end];
            match self.get(name)? {
                Value::String(value) => out.push_str(value),
                value @ (Value::Number(_) | Value::Bool(_)) => out.push_str(&value.to_string()),
                _ => return Err(TemplateError::NotText(name.to_owned())),
            }
            rest = &after[end + 1..];
        }
        out.push_str(rest);
        Ok(out)
    }

    /// `value` with every placeholder in every string replaced. A string that is one placeholder becomes its value.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn value(&self, value: &Value) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::String(text) => match whole(text) {
                Some(name) => self.get(name)?.clone(),
                None => Value::String(self.text(text)?),
            },
            Value::Array(items) => Value::Array(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?),
            Value::Object(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, field)| Ok((key.clone(), self.value(field)?)))
                    .collect::<Result<_, TemplateError>>()?,
            ),
            other => other.clone(),
        })
    }
}

/// The name, if `text` is one placeholder and nothing else.
fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    (!name.contains('}')).then_some(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn variables() -> Variables {
        let mut variables = Variables::default();
        variables.set("each.id", "a/b");
        variables.set("each.relevant", json!(["a", "b"]));
        variables.set("port", 8001);
        variables
    }

    #[test]
    fn placeholders_in_text_are_replaced() {
        assert_eq!(variables().text("x ${each.id}:${port} y"), Ok("x a/b:8001 y".to_owned()));
    }

    #[test]
    fn a_string_that_is_one_placeholder_becomes_its_value() {
        let value = variables().value(&json!({"ids": "${each.relevant}", "n": ["${port}"]}));

        assert_eq!(value, Ok(json!({"ids": ["a", "b"], "n": [8001]})));
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_nearest_first() {
        let error = variables().text("${each.idd}").unwrap_err();

        assert_eq!(error.to_string(), "`${each.idd}` stands for nothing here; known are each.id, each.relevant, port");
    }

    #[test]
    fn an_open_placeholder_and_a_list_inside_text_are_errors() {
        assert_eq!(variables().text("${port"), Err(TemplateError::Open("${port".to_owned())));
        assert_eq!(variables().text("a ${each.relevant}"), Err(TemplateError::NotText("each.relevant".to_owned())));
    }
}
