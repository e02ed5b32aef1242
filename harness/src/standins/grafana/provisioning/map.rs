//! A YAML map whose values have the types Grafana wants.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::{Map, Value};

use super::surroundings::Surroundings;
use crate::yaml::{MOST_BYTES, Problem, decode};

/// Reads a YAML file, and replaces the variables in it.
pub(super) fn read(path: &Path, surroundings: &Surroundings) -> Result<Value, Problem> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Problem::of_file(&name, format!("cannot be read: {error}")))?;
    let text = decode(&bytes, &name)?;
    let options = serde_saphyr::options! { with_snippet: false, strict_booleans: true };
    let mut value: Value = serde_saphyr::from_str_with_options::<Option<Value>>(text, options)
        .map_err(|error| Problem::of_file(&name, format!("is not YAML that can be used: {error}")))?
        .unwrap_or_default();
    surroundings.expand_all(&mut value).map_err(|error| Problem::of_file(&name, error))?;
    Ok(value)
}

/// A map, and what it is called when something is wrong with it.
pub(super) struct Fields<'v> {
    values: &'v Map<String, Value>,
    file: String,
    place: String,
}

impl<'v> Fields<'v> {
    pub(super) fn new(value: &'v Value, file: &Path, place: String) -> Result<Self, Problem> {
        let file = file.display().to_string();
        match value {
            Value::Object(values) => Ok(Self { values, file, place }),
            _ => Err(Problem::of_file(&file, format!("{place} must be a map of keys"))),
        }
    }

    /// A problem of one key.
    pub(super) fn problem(&self, key: &str, message: &str) -> Problem {
        Problem::of_file(&self.file, format!("{}: `{key}` {message}", self.place))
    }

    fn get(&self, key: &str) -> Option<&'v Value> {
        // Before `apiVersion: 1` keys were written `with_underscores`.
        let old: String = key.chars().flat_map(underscored).collect();
        self.values.get(key).or_else(|| self.values.get(&old)).filter(|value| !value.is_null())
    }

    /// A text, also one that YAML takes for a number; empty if it is not there.
    pub(super) fn text(&self, key: &str) -> Result<String, Problem> {
        match self.get(key) {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
            Some(_) => Err(self.problem(key, "must be a text")),
        }
    }

    /// A truth value, in any form Go reads; false if it is not there.
    pub(super) fn flag(&self, key: &str) -> Result<bool, Problem> {
        match self.text(key)?.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
            "" if self.get(key).is_none() => Ok(false),
            other => Err(self.problem(key, &format!("must be true or false, not {other:?}"))),
        }
    }

    /// Looks that the organisation is the one there is.
    pub(super) fn organisation(&self) -> Result<(), Problem> {
        match self.text("orgId")?.as_str() {
            "" | "0" | "1" => Ok(()),
            other => {
                Err(self.problem("orgId", &format!("names organisation {other:?}, which does not exist; write 1")))
            }
        }
    }

    /// A map; empty if it is not there.
    pub(super) fn map(&self, key: &str) -> Result<Map<String, Value>, Problem> {
        match self.get(key) {
            None => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map.clone()),
            Some(_) => Err(self.problem(key, "must be a map of keys")),
        }
    }

    /// A map of texts; empty if it is not there.
    pub(super) fn texts(&self, key: &str) -> Result<BTreeMap<String, String>, Problem> {
        let map = self.map(key)?;
        let place = format!("{}: `{key}`", self.place);
        let fields = Fields { values: &map, file: self.file.clone(), place };
        map.keys().map(|name| Ok((name.clone(), fields.text(name)?))).collect()
    }
}

fn underscored(character: char) -> impl Iterator<Item = char> {
    let underscore = character.is_ascii_uppercase().then_some('_');
    underscore.into_iter().chain(std::iter::once(character.to_ascii_lowercase()))
}

/// The maps of a list; none if it is not there.
pub(super) fn list<'v>(value: &'v Value, key: &str, file: &Path) -> Result<Vec<Fields<'v>>, Problem> {
    let entries = match value.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(Problem::of_file(&file.display().to_string(), format!("`{key}` must be a list"))),
    };
    entries.iter().enumerate().map(|(index, entry)| Fields::new(entry, file, format!("{key}[{index}]"))).collect()
}
