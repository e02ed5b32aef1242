//! What can be said on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::tier::StackArgs;

/// Proves that a service's telemetry is right and complete.
///
/// otelgate starts what a service needs, drives it through scenarios, captures every span, metric, log and answer, and
/// holds them against a contract. The file `otelgate.yaml` says what the service is; any service in any language that
/// speaks OpenTelemetry is verified the same way.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) output: Output,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    pass
  1    the telemetry violates its contract
  2    wrong usage, or a configuration, contract or capture that cannot be read
  3    the environment: the service was not built, did not start, ended, or did not stop; no container engine, an image
       that cannot be had, a server that did not start or stay
  4    a measurement that proves nothing: INCONCLUSIVE or INVALID, figures that cannot be compared or were not measured;
       what would help is said
  130  interrupted

Examples:
  otelgate verify                        verify the service of ./otelgate.yaml
  otelgate verify --stack containers     against Jaeger, Prometheus, Grafana, Qdrant and Redis in containers
  otelgate verify --save captured        and keep what was captured
  otelgate load                          put it under load: budgets, and nothing lost unnoticed
  otelgate load --trials                 also with its collector slow, down, refusing and half-open
  otelgate check captured                judge it again, after editing the contract
  otelgate verify --format junit > telemetry.xml
  otelgate dashboards grafana/ --scrape http://localhost:8001/metrics
  otelgate overhead                      what telemetry costs the service, and whether that is in the budget
  otelgate lane                          count what telemetry adds to a request
  otelgate explain span.orphan           what a finding means and what to do
  otelgate stand-in redis --listen 0.0.0.0:6379";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything, drive the service, judge its telemetry, print one verdict.
    Verify(Verify),
    /// Start the stack and the service, print the URLs, wait for Ctrl-C.
    Up(Up),
    /// Prove that each alert fires for its fault, and none when all is well. In containers, if no stack is chosen.
    Alerts(Alerts),
    /// Put the service under load with goose: budgets, and all telemetry accounted for.
    Load(crate::load::Load),
    /// Judge a saved capture, or what an OpenTelemetry Collector's file exporter wrote.
    Check(Check),
    /// Judge Grafana dashboards and Prometheus rules, anyone's, by the metrics there really are.
    Dashboards(Dashboards),
    /// Measure what telemetry costs the service, with and without it side by side, and judge that by a budget.
    Overhead(Overhead),
    /// Count what telemetry adds to a request: instructions, allocations, bytes; and compare with the committed baseline.
    Lane(Lane),
    /// Explain a finding: what it means, an example, what to do. Without an id, list all.
    Explain(Explain),
    /// End what a killed run leaves; started by `verify` and `up`, reads its orders from standard input.
    #[command(hide = true)]
    Reaper,
    /// Run one server that speaks the protocol of a real one, print its URL, wait for Ctrl-C.
    #[command(subcommand)]
    StandIn(StandIn),
}

#[derive(Debug, Default, Args)]
pub(crate) struct ConfigFile {
    /// What the service is, how to drive it, which contracts it answers to.
    #[arg(short, long, value_name = "FILE", default_value = "otelgate.yaml", env = "OTELGATE_CONFIG")]
    pub(crate) config: PathBuf,
    /// Start this instead of `service.command`, without building: a program, then its arguments, split at blanks.
    #[arg(long, value_name = "COMMAND", env = "OTELGATE_SERVICE_COMMAND")]
    pub(crate) service_command: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Save the capture into this folder, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,
    /// Write a page for the browser: verdict, findings, a trace of each scenario, and what the quick look at the cost saw.
    #[arg(long, value_name = "FILE", conflicts_with = "no_overhead")]
    pub(crate) html: Option<PathBuf>,
    /// Take no quick look at what telemetry costs, whatever `overhead.in-verify` says.
    #[arg(long)]
    pub(crate) no_overhead: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
}

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    #[command(flatten)]
    pub(crate) stack: StackArgs,
    /// Which fault proves which alert, instead of what the configuration names.
    #[arg(long, value_name = "FILE")]
    pub(crate) proofs: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A folder written by `verify --save`, or a file or folder of the Collector's file exporter (also gzipped).
    #[arg(value_name = "DIR")]
    pub(crate) capture: PathBuf,
    /// The configuration that names the contracts.
    #[arg(short, long, value_name = "FILE", default_value = "otelgate.yaml", env = "OTELGATE_CONFIG")]
    pub(crate) config: PathBuf,
    /// Contracts to hold it against, instead of those of the configuration.
    #[arg(long, value_name = "FILE")]
    pub(crate) contract: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Dashboards {
    /// Dashboards, or folders of them. Without any, those of the configuration.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The metrics to judge by: a /metrics page, by URL or in a file.
    #[arg(long, value_name = "FILE|URL", conflicts_with = "prometheus")]
    pub(crate) scrape: Option<String>,
    /// The metrics to judge by: all that this Prometheus holds.
    #[arg(long, value_name = "URL")]
    pub(crate) prometheus: Option<String>,
    /// Also run every query through this Grafana, or its stand-in, over the time its dashboard shows.
    #[arg(long, value_name = "URL")]
    pub(crate) grafana: Option<String>,
    /// Who asks Grafana.
    #[arg(long, value_name = "NAME", requires = "grafana")]
    pub(crate) user: Option<String>,
    /// That user's password.
    #[arg(long, value_name = "PASSWORD", requires = "user", env = "OTELGATE_GRAFANA_PASSWORD", hide_env_values = true)]
    pub(crate) password: Option<String>,
    /// Rule files of Prometheus to judge as well, or folders of them.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// Grafana's provisioning folder: data sources and providers are then judged too.
    #[arg(long, value_name = "DIR")]
    pub(crate) provisioning: Option<PathBuf>,
    /// The configuration that names the dashboards, if no path does.
    #[arg(short, long, value_name = "FILE", default_value = "otelgate.yaml", env = "OTELGATE_CONFIG")]
    pub(crate) config: PathBuf,
}

#[derive(Debug, Default, Args)]
pub(crate) struct Overhead {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// The most that telemetry may add to the CPU time of a request, in percent, instead of `overhead.budget`.
    #[arg(long, value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) budget: Option<f64>,
    /// A few short launches, for somebody who waits: it decides what is plain, and says so when it cannot.
    #[arg(long, conflicts_with_all = ["collect", "compare"])]
    pub(crate) quick: bool,
    /// Judge this one of `overhead.arms` in the place of `overhead.on`.
    #[arg(long, value_name = "NAME")]
    pub(crate) on: Option<String>,
    /// Measure these of `overhead.arms` as well.
    #[arg(long = "arm", value_name = "NAME")]
    pub(crate) arms: Vec<String>,
    /// Measure all of `overhead.arms` in one run of so many launches, and print a table.
    #[arg(long, value_name = "LAUNCHES", num_args = 0..=1, default_missing_value = "12", conflicts_with = "collect")]
    pub(crate) compare: Option<u32>,
    /// Measure the program of another commit as well, and judge whether telemetry has become dearer since.
    #[arg(long, value_name = "REV")]
    pub(crate) against: Option<String>,
    /// Only make so many launches and write them to the ledger, with ON once more and without a verdict.
    #[arg(long, value_name = "LAUNCHES")]
    pub(crate) collect: Option<u32>,
    /// Measure nothing: from the launches in the ledger, tell how often this gate is wrong and what it sees.
    #[arg(long)]
    pub(crate) calibrate: bool,
    /// The ledger to write launches to, instead of `overhead.ledger`.
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
    /// Write a report for the browser to this file: one file, no network.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// How long requests are measured in each launch, in seconds; 2 by default.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) seconds: Option<f64>,
    /// Of the choice of requests and of orders; by the clock if absent.
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Do not measure latency.
    #[arg(long)]
    pub(crate) no_latency: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Lane {
    /// The configuration, whose `lane` names the program and the baseline.
    #[arg(short, long, value_name = "FILE", default_value = "otelgate.yaml", env = "OTELGATE_CONFIG")]
    pub(crate) config: PathBuf,
    /// Start this instead of `lane.command`, without building: a program, then its arguments, split at blanks.
    #[arg(long = "lane-command", value_name = "COMMAND", env = "OTELGATE_LANE_COMMAND")]
    pub(crate) program: Option<String>,
    /// The valgrind to count instructions with.
    #[arg(long, value_name = "PROGRAM", default_value = "valgrind", env = "OTELGATE_VALGRIND")]
    pub(crate) valgrind: String,
    /// How often to measure everything; more than once shows how far the figures vary [default: 1, with --renew 3].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repeats: Option<u32>,
    /// Write what was measured into the baseline, instead of comparing with it.
    #[arg(long)]
    pub(crate) renew: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A finding's id, such as `span.orphan`.
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StandIn {
    /// An OTLP receiver over gRPC and HTTP. It keeps nothing, and says at its end how much it got.
    Collector {
        #[command(flatten)]
        listen: Listen,
        /// Where to listen for OTLP/HTTP (by convention port 4318).
        #[arg(long, value_name = "IP:PORT", default_value = ANY_PORT, value_parser = address)]
        listen_http: SocketAddr,
    },
    /// A vector database with Qdrant's gRPC API.
    Qdrant {
        #[command(flatten)]
        listen: Listen,
        /// Where to answer health checks over REST too, as Qdrant does on port 6333.
        #[arg(long, value_name = "IP:PORT", value_parser = address)]
        listen_rest: Option<SocketAddr>,
    },
    /// A cache that speaks Redis' protocol.
    Redis(Listen),
    /// A model server with `OpenAI`'s API, whose answers are always the same.
    Model(Listen),
    /// Grafana's HTTP API from provisioning files, over the Prometheus and Jaeger they name. It draws nothing.
    Grafana(crate::stand_in::GrafanaOptions),
}

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Listen {
    /// Where to listen. Port 0 is any free one; 0.0.0.0 is every address of this machine.
    #[arg(long, value_name = "IP:PORT", default_value = ANY_PORT, value_parser = address)]
    pub(crate) listen: SocketAddr,
}

/// A free port that only this machine reaches.
const ANY_PORT: &str = "127.0.0.1:0";

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "wanted an address and a port, such as 127.0.0.1:6379, 0.0.0.0:6379 or [::1]:0".to_owned())
}

#[derive(Debug, Args)]
pub(crate) struct Output {
    /// How to print the result on standard output. Progress and errors go to standard error.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// How many violations to print in full; the others get one line each. 0 prints all in full.
    #[arg(long, global = true, value_name = "N", default_value_t = 10)]
    pub(crate) details: usize,
    /// Colours: on a terminal, always, or never. `NO_COLOR` is honoured.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
    /// Progress on standard error.
    #[arg(long, global = true, value_enum, default_value_t = ProgressMode::Auto)]
    pub(crate) progress: ProgressMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressMode {
    /// One changing line on a terminal; nothing in a pipe.
    Auto,
    /// One line a step, for the log of a CI server.
    Plain,
    /// Nothing.
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    Text,
    /// For a program.
    Json,
    /// For a CI server: JUnit XML.
    Junit,
    /// For a GitHub workflow: annotations, and a step summary where `GITHUB_STEP_SUMMARY` is set.
    Github,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal only.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}
