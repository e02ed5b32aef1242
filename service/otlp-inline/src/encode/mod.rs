//! OTLP's messages, written straight into buffers.

pub(crate) mod attribute;
pub(crate) mod envelope;
pub(crate) mod log;
pub(crate) mod span;
pub(crate) mod wire;
