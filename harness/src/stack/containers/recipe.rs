//! How each server is started: ports, arguments, environment, files.

use crate::config::BackEndsConfig;
use crate::stack::back_ends::Image;
use crate::stack::kind::Server;

use super::files::{self, FileError, Placed};
use super::labels;
use super::relay::Relay;

/// One container to be.
#[derive(Debug)]
pub(super) struct Recipe {
    pub(super) server: Server,
    pub(super) image: Image,
    /// Its name: the server's, then the network's. The network's search domain is its own name, so that containers find
    /// each other by the names of `compose/`, while several runs fit into one engine.
    pub(super) container: String,
    /// The ports it is reached at, the main one first.
    pub(super) ports: &'static [u16],
    /// The port of this machine for the main one; a free one if none.
    pub(super) fixed_port: Option<u16>,
    pub(super) arguments: &'static [&'static str],
    pub(super) environment: Vec<(&'static str, String)>,
    pub(super) files: Vec<Placed>,
    /// Whether it must be told the name of the machine it runs on.
    pub(super) names_host: bool,
}

impl Recipe {
    /// `relay` is where containers find the service; `time_factor` shortens the rules' durations.
    pub(super) fn of(
        server: Server,
        image: Image,
        run: &str,
        config: &BackEndsConfig,
        relay: &Relay,
        time_factor: u32,
    ) -> Result<Self, FileError> {
        Ok(Self {
            server,
            image,
            container: format!("{server}.{}", labels::network(run)),
            ports: ports(server),
            fixed_port: config.ports.get(&server).copied(),
            arguments: arguments(server),
            environment: environment(server, config),
            files: match (server, &config.prometheus, &config.grafana) {
                (Server::Prometheus, Some(files), _) => files::prometheus(files, &relay.address, time_factor)?,
                (Server::Grafana, _, Some(files)) => files::grafana(files)?,
                _ => Vec::new(),
            },
            names_host: server == Server::Prometheus && relay.is_named(),
        })
    }
}

fn ports(server: Server) -> &'static [u16] {
    match server {
        // The query API, OTLP over gRPC.
        Server::Jaeger => &[16686, 4317],
        Server::Prometheus => &[9090],
        Server::Grafana => &[3000],
        Server::Qdrant => &[6334],
        Server::Redis => &[6379],
    }
}

fn arguments(server: Server) -> &'static [&'static str] {
    match server {
        Server::Prometheus => &[
            "--config.file=/etc/prometheus/prometheus.yml",
            "--storage.tsdb.path=/prometheus",
            "--enable-feature=exemplar-storage",
            "--web.enable-lifecycle",
        ],
        // No file of the data, and an answer to others than its own machine: it is alone with the run.
        Server::Redis => &["--save", "", "--appendonly", "no", "--protected-mode", "no"],
        Server::Jaeger | Server::Grafana | Server::Qdrant => &[],
    }
}

fn environment(server: Server, config: &BackEndsConfig) -> Vec<(&'static str, String)> {
    match (server, &config.grafana) {
        (Server::Grafana, Some(grafana)) => vec![
            ("GF_SECURITY_ADMIN_USER", grafana.user.clone()),
            ("GF_SECURITY_ADMIN_PASSWORD", grafana.password.clone()),
            // A run asks nobody on the internet.
            ("GF_ANALYTICS_REPORTING_ENABLED", "false".to_owned()),
            ("GF_ANALYTICS_CHECK_FOR_UPDATES", "false".to_owned()),
            ("GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false".to_owned()),
            ("GF_PLUGINS_PREINSTALL_DISABLED", "true".to_owned()),
        ],
        (Server::Qdrant, _) => vec![("QDRANT__TELEMETRY_DISABLED", "true".to_owned())],
        _ => Vec::new(),
    }
}
