//! The configuration, as its file says it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::back_ends::{BackEndsConfig, ExternalConfig};
use super::lane::LaneConfig;
use super::load_tests::LoadConfig;
use super::overhead::OverheadConfig;
use crate::dashboards::Source;
use crate::scenario::Expectation;

/// What to verify, and how.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Version of the format; 1.
    pub version: u32,
    /// The service under test.
    pub service: ServiceConfig,
    /// The dependencies it needs. Each is started before it, on a port of its own.
    pub stack: Vec<Piece>,
    /// Servers in containers behind the stand-ins, for `--stack containers`.
    #[serde(default)]
    pub back_ends: BackEndsConfig,
    /// Servers somebody else runs behind the stand-ins, for `--stack external`.
    #[serde(default)]
    pub external: ExternalConfig,
    /// Secrets to plant, by name. Scenarios and `env` place each by `${canary.NAME}`.
    #[serde(default)]
    pub canaries: Vec<String>,
    /// Files of scenarios, driven in this order. Relative to the configuration, as all paths.
    pub scenarios: Vec<PathBuf>,
    /// Which fault proves which alert: the file of proofs for `otelgate alerts`.
    pub alerts: Option<PathBuf>,
    /// Contracts; several are read as one.
    pub contracts: Vec<PathBuf>,
    /// Dashboards that have to show what the service emits: paths, or maps with `path`, `provisioning`, `rules` and
    /// `may-be-empty`.
    #[serde(default)]
    pub dashboards: Vec<Source>,
    /// What telemetry may cost, for `otelgate overhead` and `verify`.
    pub overhead: Option<OverheadConfig>,
    /// What telemetry costs, counted instead of timed, for `otelgate lane`.
    pub lane: Option<LaneConfig>,
    /// The load to put the service under, for `otelgate load`.
    pub load: Option<LoadConfig>,
}

/// The service under test: any program that takes its settings from the environment.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServiceConfig {
    /// Its `service.name`.
    pub name: String,
    /// A command that makes it, run before each run. Its output goes to the terminal.
    #[serde(default)]
    pub build: Vec<String>,
    /// The command that starts it.
    pub command: Vec<String>,
    /// Its environment. It inherits nothing but `PATH`, `HOME`, `LANG`, `TMPDIR`, `TZ` and what `inherit` names, so that
    /// a run does not depend on who started it.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Further variables to inherit.
    #[serde(default)]
    pub inherit: Vec<String>,
    /// How to learn where it listens. Exactly one of its fields.
    pub address: Address,
    /// How it says that it is well; asked before the scenarios and after each that had faults.
    pub ready: Option<Ready>,
    /// Path of its Prometheus endpoint, scraped before and after the scenarios. None if absent.
    pub metrics: Option<String>,
    /// Where its commands run: the folder of the configuration.
    #[serde(skip)]
    pub directory: PathBuf,
    /// How long it may take to exit after SIGTERM, in milliseconds; 10,000 if absent.
    #[serde(default = "ten_seconds")]
    pub shutdown_within_ms: u64,
}

/// How to learn where the service listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Address {
    /// A regular expression over lines of its output, whose first group is its URL.
    pub log: Option<String>,
    /// Its URL, for a service that cannot choose a free port.
    pub url: Option<String>,
    /// How long it may take to say so, in milliseconds; 10,000 if absent.
    #[serde(default = "ten_seconds")]
    pub within_ms: u64,
}

/// How a service says that it is well.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ready {
    /// A path that answers when it and its dependencies are well.
    pub path: String,
    /// What the answer then is; any 2xx if absent.
    #[serde(default)]
    pub expect: Expectation,
    /// How long that may take, in milliseconds; 10,000 if absent.
    #[serde(default = "ten_seconds")]
    pub within_ms: u64,
}

fn ten_seconds() -> u64 {
    10_000
}

/// A dependency the stack can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// An OTLP receiver: `${collector.grpc}`, `${collector.http}`.
    Collector,
    /// Qdrant's gRPC interface: `${qdrant.url}`.
    Qdrant,
    /// Redis: `${redis.url}`.
    Redis,
    /// An OpenAI-compatible model server: `${model.url}`.
    Model,
}
