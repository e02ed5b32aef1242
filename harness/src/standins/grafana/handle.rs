//! A running stand-in.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use super::state::State;
use crate::standins::listen::Listening;
use crate::yaml::Problem;

/// A running Grafana stand-in. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct Grafana {
    pub(super) listening: Listening,
    pub(super) state: Arc<State>,
}

impl Grafana {
    /// Where clients find it: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// What is wrong with the provisioning files and does not keep Grafana from starting: Grafana writes it into its
    /// log. Also at `/api/otelgate/problems`.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.state.problems
    }

    /// Connections open now.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }
}

/// The stand-in cannot start.
#[derive(Debug, thiserror::Error)]
pub enum GrafanaError {
    /// A provisioning file with which Grafana too would not start.
    #[error("{0}")]
    Provisioning(Problem),
    /// The address cannot be bound.
    #[error("failed to listen")]
    Listen(#[source] io::Error),
}

impl From<Problem> for GrafanaError {
    fn from(problem: Problem) -> Self {
        Self::Provisioning(problem)
    }
}
