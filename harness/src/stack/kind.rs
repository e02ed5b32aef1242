//! What a stack is made of.

use std::fmt;

use serde::Deserialize;

/// Where the dependencies of a service run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackKind {
    /// Stand-ins in this process; needs nothing installed.
    #[default]
    Embedded,
    /// Real servers in containers of this run, behind the stand-ins.
    Containers,
    /// Real servers that somebody else runs, behind the stand-ins.
    External,
}

impl fmt::Display for StackKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Containers => "containers",
            Self::External => "external",
        })
    }
}

/// A server that can stand behind the stand-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    /// Keeps traces and answers questions about them.
    Jaeger,
    /// Scrapes the service, keeps its metrics, evaluates rules.
    Prometheus,
    /// Shows dashboards.
    Grafana,
    /// Searches vectors.
    Qdrant,
    /// Caches.
    Redis,
}

impl Server {
    /// Every server there can be.
    pub const ALL: [Self; 5] = [Self::Jaeger, Self::Prometheus, Self::Grafana, Self::Qdrant, Self::Redis];

    /// Its name, which is also its host name in a network of containers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jaeger => "jaeger",
            Self::Prometheus => "prometheus",
            Self::Grafana => "grafana",
            Self::Qdrant => "qdrant",
            Self::Redis => "redis",
        }
    }

    /// The name of its product.
    pub(super) fn product(self) -> &'static str {
        match self {
            Self::Jaeger => "Jaeger",
            Self::Prometheus => "Prometheus",
            Self::Grafana => "Grafana",
            Self::Qdrant => "Qdrant",
            Self::Redis => "Redis",
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
