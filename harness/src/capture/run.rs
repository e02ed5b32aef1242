//! What a capture says about itself.

use serde::{Deserialize, Serialize};

/// Identity of a run and what was planted in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Unique id of the run. Also in the resource of its telemetry as `otelgate.run.id`, where the service lets us set `OTEL_RESOURCE_ATTRIBUTES`.
    pub id: String,
    /// The service's name as configured.
    pub service: String,
    /// Scenarios driven, in order.
    #[serde(default)]
    pub scenarios: Vec<String>,
    /// Secrets planted in the run: none may appear in any signal.
    #[serde(default)]
    pub canaries: Vec<Canary>,
}

/// A unique secret, planted where a careless service would pick it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// What it stands for: `header`, `query`, `document`, `key`, `prompt`, `answer`. Reports print this and never the value.
    pub name: String,
    /// The secret itself.
    pub value: String,
}
