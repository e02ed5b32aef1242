//! Attributes that every span of one kind starts with.

use opentelemetry::KeyValue;

/// Attributes, encoded once.
#[derive(Debug, Clone)]
pub(crate) struct Prepared(otlp_inline::PreparedAttributes);

impl Prepared {
    pub(crate) fn new(attributes: Vec<KeyValue>) -> Self {
        Self(otlp_inline::PreparedAttributes::new(attributes))
    }

    /// For measurements that have them as labels, and for the SDK.
    pub(crate) fn list(&self) -> &[KeyValue] {
        self.0.list()
    }

    pub(super) fn encoded(&self) -> &otlp_inline::PreparedAttributes {
        &self.0
    }
}
