//! What is wrong with a setting.

/// A setting that cannot be used. The message names the variable and the next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}{} cannot be used: {advice}", .value.as_ref().map(|value| format!("=`{value}`")).unwrap_or_default())]
pub struct ConfigError {
    /// The environment variable.
    pub variable: &'static str,
    /// What it held; `None` where the value may be a secret.
    pub value: Option<String>,
    /// What to write instead.
    pub advice: String,
}

impl ConfigError {
    pub(super) fn new(variable: &'static str, value: &str, advice: &str) -> Self {
        Self { variable, value: Some(value.to_owned()), advice: advice.to_owned() }
    }

    /// Keeps the value out of the message.
    pub(super) fn hidden(variable: &'static str, advice: &str) -> Self {
        Self { variable, value: None, advice: advice.to_owned() }
    }
}
