//! Why a dependency failed.

use std::borrow::Cow;

use crate::telemetry::Failure;

/// What a dependency did instead of its work.
///
/// Its text is ours alone: an answer of a dependency may repeat a key or a question, so nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DependencyError {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection could not be made, or was cut.
    #[error("the connection failed")]
    Unavailable,
    /// An HTTP status that is no success.
    #[error("answered with HTTP status {0}")]
    Http(u16),
    /// A gRPC status that is no success, by the name of its code.
    #[error("answered with gRPC status {0}")]
    Grpc(&'static str),
    /// A Redis error reply, by its first word.
    #[error("answered with an error reply ({0})")]
    Reply(Cow<'static, str>),
    /// An answer that does not keep to its protocol.
    #[error("answered with something that cannot be read")]
    Malformed,
}

impl Failure for DependencyError {
    fn error_type(&self) -> Cow<'static, str> {
        match self {
            Self::Timeout => Cow::Borrowed("timeout"),
            Self::Unavailable => Cow::Borrowed("connection_error"),
            Self::Http(status) => Cow::Owned(status.to_string()),
            Self::Grpc(code) => Cow::Borrowed(code),
            Self::Reply(code) => code.clone(),
            Self::Malformed => Cow::Borrowed("invalid_response"),
        }
    }

    fn response_status(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Grpc(code) => Some(Cow::Borrowed(code)),
            Self::Reply(code) => Some(code.clone()),
            _ => None,
        }
    }
}
