//! What stands around spans and logs in a request: resource and scope. Both signals have the same numbers for it.

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::Resource;

use super::{attribute, wire};

/// `ExportTraceServiceRequest.resource_spans`, `ExportLogsServiceRequest.resource_logs`.
const RESOURCE_ITEMS: u32 = 1;

/// Fields of `ResourceSpans` and `ResourceLogs`.
mod resource_items {
    pub(super) const RESOURCE: u32 = 1;
    pub(super) const SCOPE_ITEMS: u32 = 2;
    pub(super) const SCHEMA_URL: u32 = 3;
}

/// Fields of `ScopeSpans` and `ScopeLogs`.
mod scope_items {
    pub(super) const SCOPE: u32 = 1;
    pub(super) const ITEMS: u32 = 2;
    pub(super) const SCHEMA_URL: u32 = 3;
}

/// Fields of `InstrumentationScope`.
mod scope_field {
    pub(super) const NAME: u32 = 1;
    pub(super) const VERSION: u32 = 2;
    pub(super) const ATTRIBUTES: u32 = 3;
}

/// The one field of `Resource` that the SDK has.
const RESOURCE_ATTRIBUTES: u32 = 1;

/// The resource, encoded once.
#[derive(Debug, Default)]
pub(crate) struct EncodedResource {
    /// With its head, and the schema's URL behind it.
    bytes: Vec<u8>,
}

/// A scope, encoded once.
#[derive(Debug, Clone)]
pub(crate) struct EncodedScope {
    /// With its head, and the schema's URL behind it.
    bytes: Vec<u8>,
}

impl EncodedResource {
    pub(crate) fn new(resource: &Resource) -> Self {
        let mut inner = Vec::new();
        for (key, value) in resource {
            let pair = KeyValue::new(key.clone(), value.clone());
            attribute::attribute(&mut inner, RESOURCE_ATTRIBUTES, &pair);
        }
        let mut bytes = Vec::new();
        wire::bytes(&mut bytes, resource_items::RESOURCE, &inner);
        wire::text(&mut bytes, resource_items::SCHEMA_URL, resource.schema_url().unwrap_or_default());
        Self { bytes }
    }
}

impl EncodedScope {
    /// `name` instead of the scope's own: a log's target.
    pub(crate) fn new(scope: &InstrumentationScope, name: Option<&str>) -> Self {
        let mut inner = Vec::new();
        wire::text(&mut inner, scope_field::NAME, name.unwrap_or_else(|| scope.name()));
        wire::text(&mut inner, scope_field::VERSION, scope.version().unwrap_or_default());
        for pair in scope.attributes() {
            attribute::attribute(&mut inner, scope_field::ATTRIBUTES, pair);
        }
        let mut bytes = Vec::new();
        wire::bytes(&mut bytes, scope_items::SCOPE, &inner);
        wire::text(&mut bytes, scope_items::SCHEMA_URL, scope.schema_url().unwrap_or_default());
        Self { bytes }
    }
}

/// Appends what `write` appends, a span or a log record, as an item of its scope.
///
/// Its length stands before it and is known after it. Nearly all take two bytes to tell theirs, so that much is left free.
#[inline]
pub(crate) fn item(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    const TAG: u8 = wire::byte_tag(scope_items::ITEMS, wire::BYTES);
    let start = out.len();
    out.extend_from_slice(&[TAG, 0, 0]);
    write(out);
    let length = out.len() - start - HEAD;
    #[expect(clippy::cast_possible_truncation, reason = "seven bits at a time are what is meant")]
    if (1 << 7..1 << 14).contains(&length) {
        out[start + 1] = length as u8 | 0x80;
        out[start + 2] = (length >> 7) as u8;
    } else {
        let content = out.split_off(start + HEAD);
        out.truncate(start);
        wire::bytes(out, scope_items::ITEMS, &content);
    }
}

/// A head whose length takes two bytes.
const HEAD: usize = 3;

/// What stands before the items of each scope in one request, given the items' lengths. The first begins with what
/// stands before everything.
pub(crate) fn heads<'a>(
    resource: &EncodedResource,
    scopes: impl Iterator<Item = (&'a EncodedScope, usize)> + Clone,
) -> Vec<Vec<u8>> {
    let content = |scope: &EncodedScope, items: usize| scope.bytes.len() + items;
    let of_scopes: usize = scopes
        .clone()
        .map(|(scope, items)| wire::bytes_length(resource_items::SCOPE_ITEMS, content(scope, items)))
        .sum();
    let mut before = Vec::new();
    wire::head(&mut before, RESOURCE_ITEMS, resource.bytes.len() + of_scopes);
    before.extend_from_slice(&resource.bytes);
    scopes
        .map(|(scope, items)| {
            let mut head = std::mem::take(&mut before);
            wire::head(&mut head, resource_items::SCOPE_ITEMS, content(scope, items));
            head.extend_from_slice(&scope.bytes);
            head
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{item, scope_items, wire};

    #[test]
    fn an_item_is_written_with_its_length_however_long_it_is() {
        for length in [0, 1, 127, 128, 129, 300, 16_383, 16_384, 3_000_000] {
            let content = vec![7; length];
            let (mut out, mut expected) = (b"before".to_vec(), b"before".to_vec());
            item(&mut out, |out| out.extend_from_slice(&content));
            wire::bytes(&mut expected, scope_items::ITEMS, &content);

            assert!(out == expected, "{length}");
        }
    }
}
