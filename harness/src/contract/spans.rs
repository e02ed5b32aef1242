//! Expectations on spans and span trees.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Expect, NamePattern, Range};

/// What holds for every span of a name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SpanRule {
    /// The kind.
    pub kind: Option<KindName>,
    /// The status code.
    pub status: Option<StatusName>,
    /// Attributes by key.
    #[serde(default)]
    pub attributes: BTreeMap<String, Expect>,
    /// Whether attributes may appear that neither this rule, the tree nor a convention names. They may not unless this is true.
    #[serde(default)]
    pub open: bool,
    /// Whether children may outlive the span or start before it: for streams handed on.
    #[serde(default)]
    pub children_may_outlive: bool,
}

/// A span of a tree, and what hangs under it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Node {
    /// Its name.
    pub span: NamePattern,
    /// Its kind.
    pub kind: Option<KindName>,
    /// How many of them hang here; one if absent.
    #[serde(default)]
    pub count: Range,
    /// Its status code.
    pub status: Option<StatusName>,
    /// `error.type`: short for an attribute of that key, with `status: error` unless `status` says otherwise.
    pub error_type: Option<Expect>,
    /// Attributes by key, beside those of the [`SpanRule`] of its name; these win.
    #[serde(default)]
    pub attributes: BTreeMap<String, Expect>,
    /// Its events; any if absent.
    pub events: Option<Vec<EventRule>>,
    /// Its links; any if absent.
    pub links: Option<LinkRule>,
    /// Spans under it. All of them: one that is not named is a finding, unless `open-children`.
    #[serde(default)]
    pub children: Vec<Node>,
    /// Whether the children start in the order written.
    #[serde(default)]
    pub ordered: bool,
    /// Whether there may be children that are not named.
    #[serde(default)]
    pub open_children: bool,
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EventRule {
    /// Its name.
    pub name: String,
    /// How many; one if absent.
    #[serde(default)]
    pub count: Range,
    /// Attributes by key.
    #[serde(default)]
    pub attributes: BTreeMap<String, Expect>,
}

/// The links of a span.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LinkRule {
    /// How many; one if absent.
    #[serde(default)]
    pub count: Range,
    /// Attributes each carries.
    #[serde(default)]
    pub attributes: BTreeMap<String, Expect>,
}

/// A span kind, as contracts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KindName {
    /// Work inside the service.
    Internal,
    /// Answers a request.
    Server,
    /// Makes a request.
    Client,
    /// Hands work to a queue.
    Producer,
    /// Takes work from a queue.
    Consumer,
}

impl KindName {
    /// The name, equal to [`SpanKind::name`](crate::capture::SpanKind::name) of that kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// A status code, as contracts spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusName {
    /// Nothing was said: success, by the conventions.
    Unset,
    /// Said to have succeeded.
    Ok,
    /// Said to have failed.
    Error,
}

impl StatusName {
    /// The name, equal to [`StatusCode::name`](crate::capture::StatusCode::name) of that code.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}
