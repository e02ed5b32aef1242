//! The stages of a query, and the failure of one.

use std::{borrow::Cow, fmt};

use crate::{clients::DependencyError, telemetry::Failure};

/// Where a query can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The request itself.
    Request,
    /// The cache. Its failures never fail a query, they only count.
    Cache,
    /// Turning the question into a vector.
    Embedding,
    /// Looking for passages.
    Search,
    /// Putting the passages into order.
    Rerank,
    /// Writing the answer.
    Llm,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Request, Self::Cache, Self::Embedding, Self::Search, Self::Rerank, Self::Llm];

    /// The name in labels, messages and error answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Cache => "cache",
            Self::Embedding => "embedding",
            Self::Search => "search",
            Self::Rerank => "rerank",
            Self::Llm => "llm",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A stage whose dependency failed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{stage}: {cause}")]
pub struct StageError {
    /// The stage that really failed.
    pub stage: Stage,
    /// What its dependency did.
    pub cause: DependencyError,
}

impl Failure for StageError {
    fn error_type(&self) -> Cow<'static, str> {
        self.cause.error_type()
    }

    fn stage(&self) -> Option<Stage> {
        Some(self.stage)
    }
}

/// Names the stage of a failed call.
pub(crate) trait AtStage<T> {
    fn at(self, stage: Stage) -> Result<T, StageError>;
}

impl<T> AtStage<T> for Result<T, DependencyError> {
    fn at(self, stage: Stage) -> Result<T, StageError> {
        self.map_err(|cause| StageError { stage, cause })
    }
}
