//! Expectations on logs.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Expect, Range, relation::LogChannel};

/// What logs must say. A capture's logs are not looked at if nothing is said here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogContract {
    /// Every line of standard output is a JSON object.
    #[serde(default)]
    pub stdout_json: bool,
    /// Every record carries the trace and span it was written in, and both were exported if the trace was sampled.
    #[serde(default)]
    pub correlated: bool,
    /// Messages that are written outside any request; `*` stands for any characters.
    #[serde(default)]
    pub uncorrelated: Vec<String>,
    /// Every OTLP record was also written to standard output with the same message and trace, and the other way round.
    #[serde(default)]
    pub both_channels: bool,
    /// Records that must be there.
    #[serde(default)]
    pub expect: Vec<LogRule>,
}

/// A record that must be there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LogRule {
    /// The message; `*` stands for any characters.
    pub message: String,
    /// Which channel; each of both if absent.
    pub via: Option<LogChannel>,
    /// The scenario it belongs to, by its trace; any if absent.
    pub scenario: Option<String>,
    /// The lowest severity: `debug`, `info`, `warn`, `error`.
    pub severity: Option<String>,
    /// How many on each channel; at least one if absent.
    pub count: Option<Range>,
    /// Fields.
    #[serde(default)]
    pub attributes: BTreeMap<String, Expect>,
}
