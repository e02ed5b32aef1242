//! The part of the configuration that is about servers behind the stand-ins.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::stack::Server;

/// What servers in containers are given: `--stack containers`.
///
/// Jaeger, Qdrant and Redis need nothing and are started where the `stack` has their stand-in; Prometheus and Grafana
/// where their files are named.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackEndsConfig {
    /// Prometheus; not started if absent.
    pub prometheus: Option<PrometheusFiles>,
    /// Grafana; not started if absent.
    pub grafana: Option<GrafanaFiles>,
    /// Ports of this machine for servers people visit; a free one each if absent.
    #[serde(default)]
    pub ports: BTreeMap<Server, u16>,
    /// How long all servers may take to be ready, in milliseconds; 60,000 if absent.
    #[serde(default = "a_minute")]
    pub ready_within_ms: u64,
}

impl Default for BackEndsConfig {
    fn default() -> Self {
        Self { prometheus: None, grafana: None, ports: BTreeMap::new(), ready_within_ms: a_minute() }
    }
}

fn a_minute() -> u64 {
    60_000
}

/// The files of Prometheus.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PrometheusFiles {
    /// Its configuration. A run replaces its intervals by one second, and `target`.
    pub config: PathBuf,
    /// Its rules, placed beside the configuration.
    #[serde(default)]
    pub rules: Vec<PathBuf>,
    /// The target in `config` that is the service: `service:8001`.
    pub target: String,
}

/// The files of Grafana.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrafanaFiles {
    /// The folder with `datasources/` and `dashboards/`.
    pub provisioning: PathBuf,
    /// The folder with dashboards, placed where the provider in `provisioning/dashboards/` looks for them.
    pub dashboards: PathBuf,
    /// Its administrator; `admin` if absent.
    #[serde(default = "admin")]
    pub user: String,
    /// The administrator's password; `admin` if absent. The container lives as long as the run.
    #[serde(default = "admin")]
    pub password: String,
}

fn admin() -> String {
    "admin".to_owned()
}

/// Servers somebody else runs: `--stack external`. Where one is absent, its stand-in answers alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExternalConfig {
    /// Jaeger.
    pub jaeger: Option<ExternalJaeger>,
    /// Prometheus.
    pub prometheus: Option<ExternalPrometheus>,
    /// Grafana.
    pub grafana: Option<ExternalGrafana>,
    /// Qdrant's gRPC interface: `http://qdrant.example.com:6334`.
    pub qdrant: Option<String>,
    /// Redis: `redis://cache.example.com:6379`.
    pub redis: Option<String>,
}

impl ExternalConfig {
    /// Whether it names no server at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jaeger.is_none()
            && self.prometheus.is_none()
            && self.grafana.is_none()
            && self.qdrant.is_none()
            && self.redis.is_none()
    }
}

/// A Jaeger somebody else runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExternalJaeger {
    /// Its query API and user interface: `http://jaeger.example.com:16686`.
    pub query: String,
    /// Where it, or a collector before it, takes OTLP over gRPC: `http://jaeger.example.com:4317`.
    pub otlp: String,
}

/// A Prometheus somebody else runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExternalPrometheus {
    /// Its URL.
    pub url: String,
    /// The scrape job that has the service.
    pub job: String,
    /// The address on this machine at which that job looks for the service, `0.0.0.0:8001`: connections to it are passed
    /// on to the service of the run. Absent if the service listens there itself.
    pub listen: Option<String>,
}

/// A Grafana somebody else runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExternalGrafana {
    /// Its URL.
    pub url: String,
    /// Who asks; `admin` if absent.
    #[serde(default = "admin")]
    pub user: String,
    /// Their password; better given by `OTELGATE_GRAFANA_PASSWORD` than written here. `admin` if absent.
    #[serde(default = "admin")]
    pub password: String,
}

impl BackEndsConfig {
    /// Makes paths relative to the folder of the configuration.
    pub(super) fn resolve(&mut self, folder: &Path) {
        if let Some(prometheus) = &mut self.prometheus {
            prometheus.rules.iter_mut().chain([&mut prometheus.config]).for_each(|path| *path = folder.join(&*path));
        }
        if let Some(grafana) = &mut self.grafana {
            for path in [&mut grafana.provisioning, &mut grafana.dashboards] {
                *path = folder.join(&*path);
            }
        }
    }
}
