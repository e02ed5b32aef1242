//! Which program stood behind a name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One back end of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackEnd {
    /// Its name in the stack: `jaeger`, `prometheus`, `grafana`, `qdrant`, `redis`.
    pub name: String,
    /// What it is: `Jaeger`. A stand-in is never given the name of what it stands in for: `Grafana API stand-in`.
    pub product: String,
    /// Its version as it states it itself, without a leading `v`; `None` if it states none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Who made it.
    pub maker: Maker,
}

/// Whether a back end is the program itself or only speaks its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Maker {
    /// The program itself.
    Original,
    /// A stand-in that speaks its protocol.
    StandIn,
}

impl Maker {
    /// The word for reports: `original`, `stand-in`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::StandIn => "stand-in",
        }
    }
}

/// `Jaeger 2.13.0 (original)`, `Prometheus, version not stated (original)`.
impl fmt::Display for BackEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product, version, maker, .. } = self;
        match version {
            Some(version) => write!(f, "{product} {version} ({})", maker.name()),
            None => write!(f, "{product}, version not stated ({})", maker.name()),
        }
    }
}
