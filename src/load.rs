//! `otelgate load`

use std::path::PathBuf;

use clap::Args;
use otelgate_harness::config::Trial;
use otelgate_harness::finding::Verdict;
use otelgate_loadtests::load::{self, LoadError, LoadReport, LoadVerdict, Overrides, Plan, Progress as Step};

use crate::cli::{ConfigFile, Format, Output};
use crate::exit::Failure;
use crate::progress::Progress;
use crate::tier::StackArgs;
use crate::{interrupt, output, reaper, verify};

#[derive(Debug, Args)]
pub(crate) struct Load {
    #[command(flatten)]
    file: ConfigFile,
    #[command(flatten)]
    stack: StackArgs,
    /// Drive the service that runs at this URL, instead of starting one. Only what the driver sees is judged then.
    #[arg(long, value_name = "URL", conflicts_with = "trials")]
    url: Option<String>,
    /// Send the requests of this workload file, instead of those of the configuration. Several are for several users.
    #[arg(long, value_name = "FILE")]
    workload: Vec<PathBuf>,
    /// How many users there are, each with one request open at a time.
    #[arg(long, value_name = "N")]
    users: Option<usize>,
    /// How long each phase lasts, in seconds.
    #[arg(long, value_name = "SECONDS", conflicts_with = "soak")]
    seconds: Option<u64>,
    /// How long each phase lasts, such as `90s`, `10m` or `8h`: memory and counts have to hold until the end.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    soak: Option<u64>,
    /// What the choice among requests and their words depends on.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Also put the service to trials: many users, and its collector slow, down, refusing and half-open.
    #[arg(long)]
    trials: bool,
    /// Options of goose, for the phase that keeps most traces: its `--report-file`, `--threshold`, `--baseline-file`,
    /// `--dashboard`, `--request-log` and others.
    #[arg(last = true, value_name = "GOOSE OPTIONS")]
    goose: Vec<String>,
}

/// Puts the service under load, judges its times by budgets, and accounts for all its telemetry.
pub(crate) async fn run(options: &Load, format: &Output) -> Result<Option<Verdict>, Failure> {
    if matches!(format.format, Format::Junit | Format::Github) {
        return Err(Failure::Usage(
            "`load` prints text or JSON; for a CI server there is its exit code, and goose's report: \
             `-- --report-file load.md`"
                .to_owned(),
        ));
    }
    load::claim_interrupts();
    let stop = interrupt::interrupted();
    let overrides = Overrides {
        workloads: options.workload.clone(),
        users: options.users,
        seconds: options.seconds.or(options.soak),
        seed: options.seed,
        goose: options.goose.clone(),
    };
    let progress = Progress::new(format);
    let report = match &options.url {
        Some(url) => {
            // A service elsewhere needs no configuration where the workload is named.
            let config = if options.workload.is_empty() || options.file.config.exists() {
                Some(verify::read_config(&options.file)?)
            } else {
                None
            };
            let plan = Plan::new(config.as_ref(), overrides).map_err(failure)?;
            tell_dashboard(&plan, &progress);
            Box::pin(load::run_url(&plan, url, stop)).await
        }
        None => start(options, overrides, &progress, stop).await,
    };
    progress.done();
    let report = report.map_err(failure)?;
    print(&report, format)?;
    match (&report.interrupted, report.verdict) {
        (Some(signal), _) => Err(Failure::Interrupted(format!("{signal}: the load was ended early"))),
        (None, LoadVerdict::Pass) => Ok(Some(Verdict::Pass)),
        (None, LoadVerdict::Fail) => Ok(Some(Verdict::Fail)),
        (None, LoadVerdict::Inconclusive) => Err(Failure::Undecided(
            "the trials decide nothing; more `--seconds`, or a quieter machine, would help".to_owned(),
        )),
    }
}

/// The same against a service that is started for it.
async fn start(
    options: &Load,
    overrides: Overrides,
    progress: &Progress,
    stop: impl Future<Output = &'static str>,
) -> Result<LoadReport, LoadError> {
    let usage = |failure: Failure| LoadError::Usage(failure.text().to_owned());
    let mut config = verify::read_config(&options.file).map_err(usage)?;
    options.stack.apply(&mut config).map_err(usage)?;
    let plan = Plan::new(Some(&config), overrides)?;
    let trials: Vec<Trial> = if options.trials { plan.trials().to_vec() } else { Vec::new() };
    let lifeline = reaper::start().map_err(|failure| LoadError::Goose(failure.text().to_owned()))?;
    let environment = |name: &str| std::env::var(name).ok();
    let choices = options.stack.choices(&lifeline, &environment);
    tell_dashboard(&plan, progress);
    let mut tell = |step: Step| match step {
        Step::Run(event) => progress.tell(&event),
        Step::Phase { name, at, of } => progress.say(&format!("[{}/{of}] {name}", at + 1)),
        Step::Kept(kept) => output::what_is_left(Some(&kept), None),
        Step::Left(left) => output::error(&left),
    };
    Box::pin(load::run(&plan, &config, &choices, &trials, &mut tell, stop)).await
}

fn tell_dashboard(plan: &Plan, progress: &Progress) {
    if let Some(url) = plan.dashboard() {
        progress.say(&format!("live dashboard, while goose's options count: {url}"));
    }
}

fn print(report: &LoadReport, format: &Output) -> Result<(), Failure> {
    if format.format == Format::Json {
        let text = serde_json::to_string_pretty(report);
        let text = text.map_err(|error| Failure::Environment(format!("no report: {error}")))?;
        return output::write(|out| writeln!(out, "{text}"));
    }
    output::write(|mut out| load::terminal(report, &mut out))
}

fn failure(error: LoadError) -> Failure {
    match error {
        LoadError::Usage(_) | LoadError::Workload(_) => Failure::Usage(error.to_string()),
        LoadError::Run(error) => verify::failure(error),
        LoadError::Unreachable { .. }
        | LoadError::Prepare { .. }
        | LoadError::Metrics { .. }
        | LoadError::Goose(_)
        | LoadError::Client(_) => Failure::Environment(error.to_string()),
    }
}

/// Reads a time such as `10m`.
fn seconds(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no time: give a number and `s`, `m` or `h`, such as 10m");
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "s" | "" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(factor).filter(|seconds| *seconds > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_soak_is_a_number_and_a_unit() {
        assert_eq!(["90s", "10m", "8h", "5"].map(seconds), [Ok(90), Ok(600), Ok(28_800), Ok(5)]);
        for wrong in ["", "m", "0m", "-5s", "5 minutes", "99999999999999999999h"] {
            assert!(seconds(wrong).is_err_and(|message| message.contains("such as 10m")), "{wrong}");
        }
    }
}
