//! Who emitted a piece of telemetry.

use std::sync::Arc;

use super::{Attributes, Str};

/// The entity that produced telemetry: OTLP's `Resource`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resource {
    /// `service.name`, `telemetry.sdk.*` and the like.
    pub attributes: Attributes,
    /// Attributes the SDK dropped for its limits.
    pub dropped_attributes: u32,
    /// The schema the attributes follow; empty if not said.
    pub schema_url: Str,
}

/// The instrumentation scope: the library that made the span, metric or log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// Name of the scope, for example the crate.
    pub name: Str,
    /// Its version; empty if not said.
    pub version: Str,
    /// Attributes of the scope.
    pub attributes: Attributes,
    /// Attributes the SDK dropped for its limits.
    pub dropped_attributes: u32,
    /// The schema the scope's telemetry follows; empty if not said.
    pub schema_url: Str,
}

/// Resource and scope together, shared by all records of one OTLP scope block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// Who emitted it.
    pub resource: Arc<Resource>,
    /// Which library made it.
    pub scope: Arc<Scope>,
}
