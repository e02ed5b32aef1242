//! What can be wrong with an OTLP message.

/// Why an OTLP message was not understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes are no such protobuf message.
    #[error("not the protobuf message it should be: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// The text is no such JSON message.
    #[error("not the OTLP JSON it should be: {0}")]
    Json(#[from] serde_json::Error),
    /// The body is not UTF-8, which JSON has to be.
    #[error("not UTF-8: {0}")]
    Utf8(#[from] std::str::Utf8Error),
    /// An id of the wrong length. The OpenTelemetry Collector refuses the whole message too.
    #[error("{field} has {found} bytes instead of {wanted}")]
    Id {
        /// The field, in OTLP's spelling.
        field: &'static str,
        /// Its length, in bytes.
        found: usize,
        /// The length that OTLP prescribes, in bytes.
        wanted: usize,
    },
}
