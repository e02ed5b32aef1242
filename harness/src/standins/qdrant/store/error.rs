//! Errors in Qdrant's own words and codes.

use tonic::{Code, Status};

use super::id::Id;

/// Why the stand-in refused. The texts are Qdrant's, because clients match on them.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(in crate::standins::qdrant) enum Error {
    #[error("Not found: {0}")]
    NotFound(String),
    #[error("Wrong input: {0}")]
    BadInput(String),
    #[error("Wrong input: {0}")]
    AlreadyExists(String),
    /// Refused while reading the request, before Qdrant proper sees it.
    #[error("{0}")]
    Malformed(String),
    /// Qdrant can do this and the stand-in cannot. Never an approximate answer instead.
    #[error("the Qdrant stand-in does not support {0}")]
    Unsupported(&'static str),
    /// Qdrant's engine failed where the stand-in saw nothing wrong.
    #[cfg(feature = "qdrant-edge")]
    #[error("Service internal error: {0}")]
    Internal(String),
}

impl Error {
    pub(super) fn no_collection(name: &str) -> Self {
        Self::NotFound(format!("Collection `{name}` doesn't exist!"))
    }

    pub(super) fn no_point(id: Id) -> Self {
        Self::NotFound(format!("No point with id {id} found"))
    }

    pub(super) fn no_vector(name: &str) -> Self {
        Self::BadInput(format!("Not existing vector name error: {name}"))
    }
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match error {
            Error::NotFound(_) => Code::NotFound,
            Error::BadInput(_) | Error::Malformed(_) => Code::InvalidArgument,
            Error::AlreadyExists(_) => Code::AlreadyExists,
            Error::Unsupported(_) => Code::Unimplemented,
            #[cfg(feature = "qdrant-edge")]
            Error::Internal(_) => Code::Internal,
        };
        Self::new(code, error.to_string())
    }
}

/// Refuses a request that asks for something the stand-in cannot do.
pub(in crate::standins::qdrant) fn refuse(asked: bool, feature: &'static str) -> Result<(), Error> {
    if asked { Err(Error::Unsupported(feature)) } else { Ok(()) }
}
