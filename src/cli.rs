//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
  3    the environment: the service was not built, did not start, ended, or did not stop
  130  interrupted

Examples:
  otelgate verify                        verify the service of ./otelgate.yaml
  otelgate verify --save captured        and keep what was captured
  otelgate check captured                judge it again, after editing the contract
  otelgate verify --format junit > telemetry.xml
  otelgate explain span.orphan           what a finding means and what to do";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start everything, drive the service, judge its telemetry, print one verdict.
    Verify(Verify),
    /// Start the stack and the service, print the URLs, wait for Ctrl-C.
    Up(Up),
    /// Judge a saved capture, or what an OpenTelemetry Collector's file exporter wrote.
    Check(Check),
    /// Explain a finding: what it means, an example, what to do. Without an id, list all.
    Explain(Explain),
}

#[derive(Debug, Args)]
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
    /// Save the capture into this folder, which must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
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
pub(crate) struct Explain {
    /// A finding's id, such as `span.orphan`.
    #[arg(value_name = "ID")]
    pub(crate) id: Option<String>,
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
