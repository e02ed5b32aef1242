//! Where settings come from, and how one value is read.

use std::{collections::HashMap, hash::BuildHasher, str::FromStr, time::Duration};

use super::ConfigError;

/// A place settings come from: the process environment in `main`, a map in a test.
pub trait Source {
    /// The raw value of a variable, if it is there.
    fn get(&self, name: &str) -> Option<String>;
}

impl<F: Fn(&str) -> Option<String>> Source for F {
    fn get(&self, name: &str) -> Option<String> {
        self(name)
    }
}

impl<S: BuildHasher> Source for HashMap<&str, &str, S> {
    fn get(&self, name: &str) -> Option<String> {
        HashMap::get(self, name).map(ToString::to_string)
    }
}

/// Reads typed values. An empty value counts as unset, as the OpenTelemetry specification asks of every variable.
pub(super) struct Reader<'a>(pub(super) &'a dyn Source);

impl Reader<'_> {
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        self.0.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn text_or(&self, name: &'static str, default: &str) -> String {
        self.text(name).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn flag(&self, name: &'static str, default: bool) -> Result<bool, ConfigError> {
        match self.text(name).map(|value| value.to_ascii_lowercase()).as_deref() {
            None => Ok(default),
            Some("true" | "1" | "yes" | "on") => Ok(true),
            Some("false" | "0" | "no" | "off") => Ok(false),
            Some(other) => Err(ConfigError::new(name, other, "use `true` or `false`")),
        }
    }

    /// A number (or anything else that parses), inside `range`.
    pub(super) fn number<T>(
        &self,
        name: &'static str,
        default: T,
        range: impl std::ops::RangeBounds<T> + std::fmt::Debug,
    ) -> Result<T, ConfigError>
    where
        T: FromStr + PartialOrd,
    {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.parse() {
            Ok(value) if range.contains(&value) => Ok(value),
            Ok(_) => Err(ConfigError::new(name, &text, &format!("it is out of range: use a number in {range:?}"))),
            Err(_) => Err(ConfigError::new(name, &text, &format!("it is no number: use one in {range:?}"))),
        }
    }

    /// A duration in milliseconds, at least one.
    pub(super) fn millis(&self, name: &'static str, default: u64) -> Result<Duration, ConfigError> {
        Ok(Duration::from_millis(self.number(name, default, 1..=3_600_000)?))
    }

    pub(super) fn url(
        &self,
        name: &'static str,
        default: Option<&str>,
        schemes: &[&str],
    ) -> Result<Option<reqwest::Url>, ConfigError> {
        let Some(text) = self.text(name).or_else(|| default.map(str::to_owned)) else { return Ok(None) };
        let advice = || format!("use a URL that starts with {}", schemes.map_join("://"));
        // The value is left out of the message: a URL may carry a password.
        let url = reqwest::Url::parse(&text).map_err(|_| ConfigError::hidden(name, &advice()))?;
        if !schemes.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
            return Err(ConfigError::hidden(name, &advice()));
        }
        Ok(Some(url))
    }
}

trait MapJoin {
    fn map_join(&self, suffix: &str) -> String;
}

impl MapJoin for [&str] {
    fn map_join(&self, suffix: &str) -> String {
        self.iter().map(|scheme| format!("`{scheme}{suffix}`")).collect::<Vec<_>>().join(" or ")
    }
}
