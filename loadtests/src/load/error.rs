//! Why there is no result.

use otelgate_harness::run::RunError;

use crate::workload::WorkloadError;

/// A load that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The settings, or an option of goose, cannot be meant.
    #[error("{0}")]
    Usage(String),
    /// A workload file cannot be used.
    #[error(transparent)]
    Workload(#[from] WorkloadError),
    /// The stack or the service did not start, stay or stop.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Nobody answers at the URL.
    #[error("{url} does not answer: {message}; is the service running, and is the URL right?")]
    Unreachable {
        /// The URL.
        url: String,
        /// What happened instead.
        message: String,
    },
    /// A request that prepares the load was not answered well.
    #[error("`prepare` of workload `{workload}`: {message}")]
    Prepare {
        /// The workload.
        workload: String,
        /// What happened.
        message: String,
    },
    /// The metrics endpoint does not answer as one.
    #[error("{url}: {message}")]
    Metrics {
        /// The endpoint.
        url: String,
        /// What is wrong.
        message: String,
    },
    /// Goose could not run.
    #[error("goose: {0}")]
    Goose(String),
    /// No HTTP client could be made.
    #[error("no HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}
