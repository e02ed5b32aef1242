//! The contract as a whole.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor, value::SeqAccessDeserializer};

use super::{Expect, LogContract, MetricRule, NamePattern, Node, Range, Relation, SpanRule};
use crate::dashboards::Dashboards;
use crate::finding::Waiver;

/// A contract, as read from one or several YAML files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Contract {
    /// Version of the format; 1.
    pub version: u32,
    /// Convention packs every span, metric and resource is held against.
    #[serde(default)]
    pub conventions: Vec<Pack>,
    /// Attributes the resource of all telemetry must carry.
    #[serde(default)]
    pub resource: BTreeMap<String, Expect>,
    /// What holds for every span of a name, in any trace. A span that matches several patterns answers to all.
    #[serde(default)]
    pub spans: BTreeMap<NamePattern, SpanRule>,
    /// Shapes of traces, by name.
    #[serde(default)]
    pub traces: BTreeMap<String, Node>,
    /// The shape each request of a scenario leaves: one name for all requests, or one a request. `none` means no trace at all.
    #[serde(default)]
    pub scenarios: BTreeMap<String, OneOrMany>,
    /// Metrics by Prometheus name.
    #[serde(default)]
    pub metrics: BTreeMap<String, MetricRule>,
    /// Equalities between numbers of different signals.
    #[serde(default)]
    pub relations: Vec<Relation>,
    /// Bounds on numbers the scenario driver recorded, such as retrieval quality.
    #[serde(default)]
    pub facts: Vec<FactRule>,
    /// What logs must say.
    #[serde(default)]
    pub logs: LogContract,
    /// What must never appear.
    #[serde(default)]
    pub never: Vec<NeverRule>,
    /// Findings accepted for a reason.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
    /// Dashboards and rules that have to show what the service emits. They come from the configuration's `dashboards`, not
    /// from a contract file.
    #[serde(skip)]
    pub dashboards: Dashboards,
}

/// A set of OpenTelemetry semantic conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pack {
    /// HTTP server and client spans and metrics.
    Http,
    /// Database client spans and metrics.
    Database,
    /// Generative-AI client spans and metrics.
    Genai,
    /// Resource attributes.
    Resource,
}

/// A bound on a number the driver recorded with its exchanges (see `facts` of [`Exchange`](crate::capture::Exchange)).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FactRule {
    /// The scenario whose exchanges count; all of them if absent.
    pub scenario: Option<String>,
    /// The number's name: `retrieval_hit`.
    pub fact: String,
    /// What its mean over those exchanges must be at least.
    pub mean_at_least: f64,
    /// Over how many exchanges at least, so that an empty run cannot pass.
    pub over: Range,
}

/// Something that must never appear. Exactly one of the fields says what.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeverRule {
    /// A span of this name.
    pub span: Option<NamePattern>,
    /// An attribute of this key on any span, event, link, log or resource; `*` stands for any characters.
    pub attribute: Option<String>,
    /// A metric of this name; `*` stands for any characters.
    pub metric: Option<String>,
    /// A label of this name on any metric; `*` stands for any characters.
    pub label: Option<String>,
    /// A string anywhere in any signal that matches this regular expression.
    pub text: Option<String>,
    /// Why, for the report.
    pub because: String,
}

/// One name for all, or one name each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OneOrMany {
    /// The same for every request.
    One(String),
    /// One a request, in order.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The name for the request at `step`, from 0.
    #[must_use]
    pub fn at(&self, step: usize) -> Option<&str> {
        match self {
            Self::One(name) => Some(name),
            Self::Many(names) => names.get(step).map(String::as_str),
        }
    }

    /// All names in it.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(name) => std::slice::from_ref(name).iter().map(String::as_str),
            Self::Many(names) => names.iter().map(String::as_str),
        }
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = OneOrMany;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a trace, or a list of them, one a request")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany::One(name.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<OneOrMany, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(OneOrMany::Many)
            }
        }
        deserializer.deserialize_any(Seen)
    }
}
