//! `otelgate stand-in grafana`

use std::path::PathBuf;

use clap::Args;
use otelgate_harness::standins::{self, GrafanaError};

use super::{not_started, tell};
use crate::cli::Listen;
use crate::exit::Failure;
use crate::output;

/// What can be said of it on the command line.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    listen: Listen,
    /// The folder with `datasources` and `dashboards`, as Grafana reads it.
    #[arg(long, value_name = "DIR", default_value = "/etc/grafana/provisioning", env = "GF_PATHS_PROVISIONING")]
    provisioning: PathBuf,
    /// Where a path that the provisioning files name lies here, such as
    /// `/var/lib/grafana/dashboards=grafana/dashboards`. May be given several times.
    #[arg(long, value_name = "PATH=DIR", value_parser = path)]
    map: Vec<(PathBuf, PathBuf)>,
    /// The one user.
    #[arg(long, value_name = "NAME", default_value = "admin", env = "GF_SECURITY_ADMIN_USER")]
    admin_user: String,
    /// The user's password.
    #[arg(
        long,
        value_name = "PASSWORD",
        default_value = "admin",
        env = "GF_SECURITY_ADMIN_PASSWORD",
        hide_env_values = true
    )]
    admin_password: String,
}

fn path(text: &str) -> Result<(PathBuf, PathBuf), String> {
    match text.split_once('=') {
        Some((path, here)) if !path.is_empty() && !here.is_empty() => Ok((path.into(), here.into())),
        _ => Err("wanted two paths, such as /var/lib/grafana/dashboards=grafana/dashboards".to_owned()),
    }
}

/// Runs it until `stop`. Says first what is wrong with the provisioning files.
pub(super) async fn run(options: &Options, stop: impl Future) -> Result<(), Failure> {
    let mut grafana = standins::grafana()
        .listen(options.listen.listen)
        .with_provisioning(&options.provisioning)
        .with_admin(&options.admin_user, &options.admin_password)
        .with_environment(|name| std::env::var(name).ok());
    for (path, here) in &options.map {
        grafana = grafana.with_path(path, here);
    }
    let grafana = grafana.run().await.map_err(|error| match error {
        GrafanaError::Provisioning(problem) => Failure::Usage(format!("{problem}\nGrafana would not start either")),
        GrafanaError::Listen(error) => not_started(error),
    })?;
    tell(&[("grafana.url", grafana.url())])?;
    output::write(|out| grafana.problems().iter().try_for_each(|problem| writeln!(out, "problem: {problem}")))?;
    stop.await;
    Ok(())
}
