//! Where what a service needs runs, as said on the command line.

use clap::{Args, ValueEnum};
use otelgate_harness::config::{Config, ExternalConfig, ExternalGrafana, ExternalJaeger, ExternalPrometheus};
use otelgate_harness::lifeline::Lifeline;
use otelgate_harness::run::Choices;
use otelgate_harness::stack::StackKind;

use crate::exit::Failure;

#[derive(Clone, Debug, Args)]
pub(crate) struct StackArgs {
    /// Where the servers a service needs run. The stand-ins are there in every kind, in front of the real ones.
    #[arg(long, value_enum, value_name = "KIND", default_value_t = Tier::Embedded, env = "OTELGATE_STACK")]
    stack: Tier,
    /// Leave the containers up when the run is over, and print how to reach and to remove them.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    external: External,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    /// Stand-ins in this process alone; needs nothing installed.
    Embedded,
    /// Real servers in containers, removed at the end; needs a container engine.
    Containers,
    /// Servers somebody else runs, named in the configuration or by the options below.
    External,
}

/// Options that replace those of `external:` in the configuration.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Servers of `--stack external`")]
struct External {
    /// Jaeger's query API, such as `http://jaeger.example.com:16686`.
    #[arg(long, value_name = "URL", env = "OTELGATE_JAEGER_URL")]
    jaeger_url: Option<String>,
    /// Where Jaeger takes OTLP over gRPC, such as `http://jaeger.example.com:4317`.
    #[arg(long, value_name = "URL", env = "OTELGATE_JAEGER_OTLP_URL")]
    jaeger_otlp_url: Option<String>,
    /// Prometheus.
    #[arg(long, value_name = "URL", env = "OTELGATE_PROMETHEUS_URL")]
    prometheus_url: Option<String>,
    /// The scrape job that has the service.
    #[arg(long, value_name = "JOB", env = "OTELGATE_PROMETHEUS_JOB")]
    prometheus_job: Option<String>,
    /// The address on this machine at which that job looks for the service.
    #[arg(long, value_name = "ADDRESS", env = "OTELGATE_PROMETHEUS_LISTEN")]
    prometheus_listen: Option<String>,
    /// Grafana.
    #[arg(long, value_name = "URL", env = "OTELGATE_GRAFANA_URL")]
    grafana_url: Option<String>,
    /// Who asks Grafana.
    #[arg(long, value_name = "USER", env = "OTELGATE_GRAFANA_USER")]
    grafana_user: Option<String>,
    /// Their password; by the variable, so that no list of processes shows it.
    #[arg(long, value_name = "PASSWORD", env = "OTELGATE_GRAFANA_PASSWORD", hide_env_values = true)]
    grafana_password: Option<String>,
    /// Qdrant's gRPC interface, such as `http://qdrant.example.com:6334`.
    #[arg(long, value_name = "URL", env = "OTELGATE_QDRANT_URL")]
    qdrant_url: Option<String>,
    /// Redis, such as `redis://cache.example.com:6379`.
    #[arg(long, value_name = "URL", env = "OTELGATE_REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

impl StackArgs {
    /// Applies to the configuration what the command line says about servers.
    pub(crate) fn apply(&self, config: &mut Config) -> Result<(), Failure> {
        if self.keep && self.stack != Tier::Containers {
            return Err(Failure::Usage("`--keep` keeps containers: use it with `--stack containers`".to_owned()));
        }
        if self.stack == Tier::External {
            self.external.apply(&mut config.external)?;
            if config.external.is_empty() {
                return Err(Failure::Usage(
                    "`--stack external` needs a server: name one in `external` of the configuration, or by an option such \
                     as `--jaeger-url`"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// As it is, with containers where nothing was said: for what needs real servers.
    pub(crate) fn with_servers(&self) -> Self {
        let stack = if self.stack == Tier::Embedded { Tier::Containers } else { self.stack };
        Self { stack, ..self.clone() }
    }

    /// Whether the stack is the embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        self.stack == Tier::Embedded
    }

    /// How the run is made.
    pub(crate) fn choices<'c>(
        &self,
        lifeline: &'c Lifeline,
        environment: &'c (dyn Fn(&str) -> Option<String> + Sync),
    ) -> Choices<'c> {
        let kind = match self.stack {
            Tier::Embedded => StackKind::Embedded,
            Tier::Containers => StackKind::Containers,
            Tier::External => StackKind::External,
        };
        Choices { kind, keep: self.keep, ..Choices::embedded(lifeline, environment) }
    }
}

impl External {
    fn apply(&self, config: &mut ExternalConfig) -> Result<(), Failure> {
        let jaeger = config.jaeger.take();
        let query = self.jaeger_url.clone().or_else(|| jaeger.as_ref().map(|jaeger| jaeger.query.clone()));
        let otlp = self.jaeger_otlp_url.clone().or_else(|| jaeger.map(|jaeger| jaeger.otlp));
        config.jaeger = both(query, otlp, "Jaeger", "--jaeger-url", "--jaeger-otlp-url")?
            .map(|(query, otlp)| ExternalJaeger { query, otlp });

        let prometheus = config.prometheus.take();
        let url = self.prometheus_url.clone().or_else(|| prometheus.as_ref().map(|prometheus| prometheus.url.clone()));
        let job = self.prometheus_job.clone().or_else(|| prometheus.as_ref().map(|prometheus| prometheus.job.clone()));
        let listen = self.prometheus_listen.clone().or_else(|| prometheus.and_then(|prometheus| prometheus.listen));
        config.prometheus = both(url, job, "Prometheus", "--prometheus-url", "--prometheus-job")?
            .map(|(url, job)| ExternalPrometheus { url, job, listen });

        let grafana = config.grafana.take();
        let url = self.grafana_url.clone().or_else(|| grafana.as_ref().map(|grafana| grafana.url.clone()));
        let (user, password) = grafana.map(|grafana| (grafana.user, grafana.password)).unzip();
        let admin = || "admin".to_owned();
        config.grafana = url.map(|url| ExternalGrafana {
            url,
            user: self.grafana_user.clone().or(user).unwrap_or_else(admin),
            password: self.grafana_password.clone().or(password).unwrap_or_else(admin),
        });

        config.qdrant = self.qdrant_url.clone().or_else(|| config.qdrant.take());
        config.redis = self.redis_url.clone().or_else(|| config.redis.take());
        Ok(())
    }
}

/// Two settings of which neither means anything without the other.
fn both(
    left: Option<String>,
    right: Option<String>,
    server: &str,
    left_name: &str,
    right_name: &str,
) -> Result<Option<(String, String)>, Failure> {
    let missing = |given: &str, missing: &str| Failure::Usage(format!("{server} needs `{missing}` beside `{given}`"));
    match (left, right) {
        (Some(left), Some(right)) => Ok(Some((left, right))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(missing(left_name, right_name)),
        (None, Some(_)) => Err(missing(right_name, left_name)),
    }
}
