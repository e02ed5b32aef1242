//! Variables in provisioning files: `$NAME`, `${NAME}`, `$__env{NAME}`, `$__file{/path}`, and `$$` for a dollar.

use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::Value;

use super::surroundings::Surroundings;

/// `${NAME}`, `$__env{NAME}`, `$__file{/path}`.
static BRACED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$(|__\w+)\{([^}]+)\}").ok());
/// `$NAME`, and the shell's `$1` and its like, which Go takes for names too.
static BARE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\$([A-Za-z_][A-Za-z0-9_]*|[0-9*#@!?-])").ok());

impl Surroundings {
    /// Replaces the variables in a text. One that is not known becomes nothing.
    ///
    /// # Errors
    /// If a file that is to be put in cannot be read.
    pub(super) fn expand(&self, text: &str) -> Result<String, String> {
        let parts: Result<Vec<_>, _> = text.split("$$").map(|part| self.expand_part(part)).collect();
        Ok(parts?.join("$"))
    }

    /// Replaces the variables in all texts of a value.
    pub(super) fn expand_all(&self, value: &mut Value) -> Result<(), String> {
        match value {
            Value::String(text) => *text = self.expand(text)?,
            Value::Array(values) => values.iter_mut().try_for_each(|value| self.expand_all(value))?,
            Value::Object(values) => values.values_mut().try_for_each(|value| self.expand_all(value))?,
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
        Ok(())
    }

    fn expand_part(&self, text: &str) -> Result<String, String> {
        let variable = |name: &str| (self.environment)(name).unwrap_or_default();
        let mut failure = None;
        let text = replace(BRACED.as_ref(), text, |found| match &found[1] {
            "" | "__env" => variable(&found[2]),
            "__file" => self.file(&found[2]).unwrap_or_else(|error| {
                failure = Some(error);
                String::new()
            }),
            _ => found[0].to_owned(),
        });
        let text = replace(BARE.as_ref(), &text, |found| variable(&found[1]));
        failure.map_or(Ok(text), Err)
    }

    fn file(&self, path: &str) -> Result<String, String> {
        let local = self.local(Path::new(path));
        let text = std::fs::read_to_string(local)
            .map_err(|error| format!("`$__file{{{path}}}` cannot be read: {error}; check the path"))?;
        Ok(text.trim().to_owned())
    }
}

fn replace(pattern: Option<&Regex>, text: &str, mut with: impl FnMut(&Captures<'_>) -> String) -> String {
    pattern.map_or_else(
        || text.to_owned(),
        |pattern| pattern.replace_all(text, |found: &Captures<'_>| with(found)).into_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surroundings() -> Surroundings {
        let environment = |name: &str| (name == "HOST").then(|| "prometheus:9090".to_owned());
        Surroundings { environment: Box::new(environment), paths: Vec::new() }
    }

    #[test]
    fn variables_are_replaced_in_every_form() {
        for (text, expanded) in [
            ("http://$HOST", "http://prometheus:9090"),
            ("http://${HOST}/x", "http://prometheus:9090/x"),
            ("$__env{HOST}", "prometheus:9090"),
            ("a${UNKNOWN}b$UNKNOWN", "ab"),
            ("pa$$word", "pa$word"),
            ("$$HOST ${__value.raw}", "$HOST "),
            ("$$${HOST}", "$prometheus:9090"),
            ("100 $ and $1", "100 $ and "),
            ("$__vault{x}", "{x}"),
        ] {
            assert_eq!(surroundings().expand(text).as_deref(), Ok(expanded), "{text}");
        }
    }

    #[test]
    fn files_are_put_in_without_blanks_around_them() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), " secret\n").unwrap();
        let paths = vec![("/run/secrets".into(), folder.path().to_owned())];
        let surroundings = Surroundings { paths, ..surroundings() };

        assert_eq!(surroundings.expand("$__file{/run/secrets/password}").as_deref(), Ok("secret"));
        let error = surroundings.expand("$__file{/run/secrets/none}").unwrap_err();
        assert!(error.starts_with("`$__file{/run/secrets/none}` cannot be read: "), "{error}");
    }
}
