//! What is to be done, read and tried before anything is started.

use std::path::PathBuf;

use goose::config::GooseConfiguration;
use otelgate_harness::config::{Config, LoadConfig};

use super::LoadError;
use crate::workload::{self, Seed, Workload};

/// Whether an option was given.
type Given = fn(&GooseConfiguration) -> bool;

/// Options of goose that would have it print over our report, end the process, or shape the load behind our back.
const NOT_PASSED_ON: [(&str, Given); 11] = [
    ("--host", |goose| goose.host.is_some()),
    ("--users", |goose| goose.users.is_some()),
    ("--run-time", |goose| goose.run_time.is_some()),
    ("--iterations", |goose| goose.iterations.is_some()),
    ("--scenarios", |goose| goose.scenarios.is_some()),
    ("--no-reset-metrics", |goose| goose.no_reset_metrics),
    ("--no-autostart", |goose| goose.no_autostart),
    ("--goose-log", |goose| goose.goose_log.is_some()),
    ("--render-report", |goose| goose.render_report.is_some()),
    ("--list, --scenarios-list or --version", |goose| goose.list || goose.scenarios_list || goose.version),
    ("--no-metrics", |goose| goose.no_metrics),
];

/// What a command line says instead of the settings.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// These workload files, one user's weight each, instead of `load.workloads`.
    pub workloads: Vec<PathBuf>,
    /// Instead of `load.users`.
    pub users: Option<usize>,
    /// Instead of `load.seconds`.
    pub seconds: Option<u64>,
    /// Instead of `load.seed`.
    pub seed: Option<u64>,
    /// After `load.goose`.
    pub goose: Vec<String>,
}

/// What is to be done.
pub struct Plan {
    pub(super) settings: LoadConfig,
    pub(super) workloads: Vec<Workload>,
    pub(super) seed: Seed,
    pub(super) goose: GooseConfiguration,
}

impl Plan {
    /// Reads everything the settings name. `config` may be absent for a service that runs already.
    ///
    /// # Errors
    /// What cannot be meant or read.
    pub fn new(config: Option<&Config>, overrides: Overrides) -> Result<Self, LoadError> {
        let settings = config.and_then(|config| config.load.clone());
        let mut settings = match settings {
            Some(settings) => settings,
            None if overrides.workloads.is_empty() => {
                return Err(LoadError::Usage(
                    "there is nothing to send: say under `load: workloads:` of the configuration, or with \
                     `--workload FILE`, which requests"
                        .to_owned(),
                ));
            }
            None => LoadConfig::of_files([]),
        };
        if !overrides.workloads.is_empty() {
            settings.workloads = LoadConfig::of_files(overrides.workloads).workloads;
            // One workload is for any number of users; several need one each.
            settings.users = settings.users.max(settings.workloads.len());
        }
        settings.users = overrides.users.unwrap_or(settings.users);
        settings.seconds = overrides.seconds.unwrap_or(settings.seconds);
        settings.seed = overrides.seed.unwrap_or(settings.seed);
        settings.goose.extend(overrides.goose);
        if let Some(problem) = settings.problem() {
            return Err(LoadError::Usage(problem));
        }
        let workloads = settings.workloads.iter().map(|workload| workload::read(&workload.file));
        let workloads = workloads.collect::<Result<Vec<_>, _>>()?;
        super::transaction::sendable(&workloads)?;
        let goose = goose_options(&settings.goose)?;
        Ok(Self { seed: Seed(settings.seed), settings, workloads, goose })
    }

    /// What is done to the collector with `--trials`.
    #[must_use]
    pub fn trials(&self) -> &[otelgate_harness::config::Trial] {
        &self.settings.trials
    }

    /// Where goose's live dashboard is while the load runs; `None` if it was not asked for.
    #[must_use]
    pub fn dashboard(&self) -> Option<String> {
        let GooseConfiguration { dashboard, dashboard_host, dashboard_port, .. } = &self.goose;
        // The defaults are goose 0.19's.
        let host = dashboard_host.as_deref().unwrap_or("127.0.0.1");
        dashboard.then(|| format!("http://{host}:{}", dashboard_port.unwrap_or(5118)))
    }
}

/// Reads options of goose.
fn goose_options(options: &[String]) -> Result<GooseConfiguration, LoadError> {
    let goose = GooseConfiguration::parse_args_default(options).map_err(|error| LoadError::Usage(describe(&error)))?;
    // Goose keeps its test plan to itself.
    let test_plan = options.iter().any(|option| option.starts_with("--test-plan")).then_some("--test-plan");
    let given = NOT_PASSED_ON.iter().find(|(_, given)| given(&goose)).map(|(option, _)| *option);
    if let Some(option) = test_plan.or(given) {
        return Err(LoadError::Usage(format!(
            "`{option}` is not passed on to goose: how much load there is say the options before `--` (`--users`, \
             `--seconds`, `--url`, `--workload`), and what goose would print itself is in the report"
        )));
    }
    Ok(goose)
}

/// An error of goose, with the detail that its own text leaves out.
pub(super) fn describe(error: &goose::GooseError) -> String {
    match error {
        goose::GooseError::InvalidOption { option, value, detail } => {
            let value = if value.is_empty() { String::new() } else { format!(" {value}") };
            format!("option of goose {option}{value}: {detail}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: &[&str]) -> String {
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        goose_options(&options).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn what_goose_can_do_beside_the_load_is_passed_on() {
        let options =
            ["--report-file", "load.html", "--threshold", "p95<100ms", "--baseline-file", "base.json", "--dashboard"];

        let goose = goose_options(&options.map(str::to_owned)).unwrap();

        assert_eq!(goose.report_file, ["load.html"]);
        assert_eq!(goose.baseline_file.as_deref(), Some("base.json"));
        assert!(goose.dashboard);
    }

    #[test]
    fn what_would_change_the_load_or_print_is_refused_by_its_name() {
        assert!(refusal(&["--users", "3"]).contains("`--users` is not passed on"));
        assert!(refusal(&["--host", "http://localhost"]).contains("`--host`"));
        assert!(refusal(&["--list"]).contains("`--list,"));
    }

    #[test]
    fn an_option_that_goose_does_not_know_is_told_with_its_reason() {
        let refusal = refusal(&["--treshold", "p95<1ms"]);

        assert!(refusal.contains("--treshold"), "{refusal}");
    }

    #[test]
    fn a_load_without_workloads_says_where_to_name_them() {
        let error = Plan::new(None, Overrides::default()).map(drop).unwrap_err();

        assert!(error.to_string().contains("load: workloads:"), "{error}");
    }

    #[test]
    fn a_workload_that_is_not_there_is_told_by_its_place() {
        let overrides = Overrides { workloads: vec!["nowhere.yaml".into()], ..Overrides::default() };

        let error = Plan::new(None, overrides).map(drop).unwrap_err();

        assert!(error.to_string().starts_with("nowhere.yaml"), "{error}");
    }
}
