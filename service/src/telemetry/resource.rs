//! Who the telemetry is from.

use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};

use super::names::{SCHEMA_URL, attribute};
use crate::config::TelemetryConfig;

/// `OTEL_RESOURCE_ATTRIBUTES` may replace the version and the instance id, but neither the name (`OTEL_SERVICE_NAME` wins
/// over it by the specification) nor what the SDK says of itself.
pub(super) fn resource(config: &TelemetryConfig) -> Resource {
    let chosen = config
        .resource_attributes
        .iter()
        .map(|(key, value)| KeyValue::new(percent_decoded(key), percent_decoded(value)));
    Resource::builder_empty()
        .with_attribute(KeyValue::new(attribute::SERVICE_INSTANCE_ID, uuid::Uuid::new_v4().to_string()))
        .with_attribute(KeyValue::new(attribute::SERVICE_VERSION, env!("CARGO_PKG_VERSION")))
        .with_attributes(chosen)
        .with_detector(Box::new(TelemetryResourceDetector))
        .with_service_name(config.service_name.clone())
        .with_schema_url([], SCHEMA_URL)
        .build()
}

/// Undoes `%41`; what is no valid escape stays as it is, as the specification asks.
pub(super) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escape = (first == b'%').then(|| tail.get(..2)).flatten();
        let decoded = escape.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::percent_decoded;

    #[test]
    fn escapes_are_undone_and_the_rest_is_kept() {
        assert_eq!(percent_decoded("a%20b"), "a b");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%zz%4"), "%zz%4");
        assert_eq!(percent_decoded("%C3%A9"), "é");
        assert_eq!(percent_decoded("%FF"), "%FF");
    }
}
