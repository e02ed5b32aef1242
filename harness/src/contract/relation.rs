//! Equalities between numbers of different signals.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Expect, KindName, NamePattern, Range, StatusName};
use crate::capture::Party;

/// Numbers that must be equal at the end of the run: requests driven, root spans, a histogram's count.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Relation {
    /// Its name in reports; unique in a contract.
    pub name: String,
    /// The numbers; two or more. All equal to the first.
    pub equal: Vec<Term>,
    /// How far apart they may be, as a share of the largest: 0.1 is 10 %. Exactly equal if absent. For sums of times,
    /// which two clocks read a moment apart.
    pub within: Option<f64>,
    /// Whether all may be zero. Unless said, that is a finding: nothing was related to nothing.
    #[serde(default)]
    pub may_be_zero: bool,
}

/// One number. Exactly one of `requests`, `calls`, `spans`, `logs`, `metric`, `sum`, `number` says which.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Term {
    /// What reports call it; made from its parts if absent.
    pub label: Option<String>,
    /// Requests the driver sent.
    pub requests: Option<Requests>,
    /// Requests the service sent to a stand-in.
    pub calls: Option<Calls>,
    /// Spans.
    pub spans: Option<Spans>,
    /// Log records.
    pub logs: Option<Logs>,
    /// A metric's growth over the run, by Prometheus name, summed over the label sets that match.
    pub metric: Option<String>,
    /// With `metric`: labels that select.
    #[serde(default)]
    pub labels: BTreeMap<String, Expect>,
    /// With `metric`: what of it.
    pub field: Option<MetricField>,
    /// The sum of these terms.
    pub sum: Option<Vec<Term>>,
    /// A constant.
    pub number: Option<f64>,
    /// Terms to take away from this one.
    #[serde(default)]
    pub minus: Vec<Term>,
}

/// Selects requests of the driver. Conditions that are absent hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Requests {
    /// The method.
    pub method: Option<String>,
    /// The path without its query; `*` stands for any characters.
    pub path: Option<String>,
    /// The status of the answer.
    pub status: Option<Range>,
    /// The scenario.
    pub scenario: Option<String>,
    /// Whether a trace of it must be exported.
    pub sampled: Option<bool>,
    /// Tags the scenario gave, all of them.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Add up this fact instead of counting.
    pub fact: Option<String>,
}

/// Selects requests the service sent to a stand-in. Conditions that are absent hold.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Calls {
    /// Which stand-in.
    pub to: Party,
    /// HTTP method, gRPC method or Redis command; `*` stands for any characters.
    pub method: Option<String>,
    /// The path without its query; `*` stands for any characters.
    pub path: Option<String>,
    /// The status of the answer.
    pub status: Option<Range>,
    /// Whether the call's `traceparent` left the trace sampled; a call without one did.
    pub sampled: Option<bool>,
    /// Add up this fact instead of counting: `prompt_tokens`.
    pub fact: Option<String>,
}

/// Selects spans. Conditions that are absent hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Spans {
    /// The name.
    pub name: Option<NamePattern>,
    /// The kind.
    pub kind: Option<KindName>,
    /// The status code.
    pub status: Option<StatusName>,
    /// Attributes.
    #[serde(default, rename = "where")]
    pub attributes: BTreeMap<String, Expect>,
    /// Add up this attribute instead of counting spans; a span without it adds nothing.
    pub add: Option<String>,
    /// Add up how long the spans took, in seconds, instead of counting them.
    #[serde(default)]
    pub add_seconds: bool,
}

/// Selects log records. Conditions that are absent hold.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Logs {
    /// `otlp` or `stdout`.
    pub via: Option<LogChannel>,
    /// The message; `*` stands for any characters.
    pub message: Option<String>,
    /// Fields.
    #[serde(default, rename = "where")]
    pub attributes: BTreeMap<String, Expect>,
}

/// How a log record reached the capture, as contracts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogChannel {
    /// An OTLP logs request.
    Otlp,
    /// A line of standard output.
    Stdout,
}

/// What of a metric.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MetricField {
    /// A counter's or gauge's value; the count of a histogram or summary.
    #[default]
    Value,
    /// A histogram's or summary's count.
    Count,
    /// A histogram's or summary's sum.
    Sum,
}
