//! Attributes of the resource.

use super::common::is_not_empty;
use crate::capture::Value;

/// One attribute of a resource.
pub struct ResourceRule {
    /// Its key.
    pub key: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What is wanted, in words.
    pub wanted: &'static str,
    /// The same, as a test.
    pub holds: fn(&Value) -> bool,
}

/// What the resource of every signal says.
pub const RESOURCE: &[ResourceRule] = &[
    ResourceRule {
        key: "service.name",
        required: true,
        wanted: "the service's own name, not the SDK's unknown_service",
        holds: |value| value.as_str().is_some_and(|name| !name.is_empty() && !name.starts_with("unknown_service")),
    },
    ResourceRule {
        key: "service.instance.id",
        required: true,
        wanted: "an id of this process, unique among the service's instances",
        holds: is_not_empty,
    },
    ResourceRule { key: "service.version", required: false, wanted: "the service's version", holds: is_not_empty },
    ResourceRule { key: "telemetry.sdk.name", required: true, wanted: "the SDK's name", holds: is_not_empty },
    ResourceRule { key: "telemetry.sdk.language", required: true, wanted: "the SDK's language", holds: is_not_empty },
    ResourceRule { key: "telemetry.sdk.version", required: true, wanted: "the SDK's version", holds: is_not_empty },
];
