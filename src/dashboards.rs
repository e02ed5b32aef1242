//! `otelgate dashboards`

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use otelgate_harness::backends::{BackEndError, Grafana, Prometheus};
use otelgate_harness::capture::arrived::StoredPanels;
use otelgate_harness::capture::{Capture, Scrape};
use otelgate_harness::config;
use otelgate_harness::dashboards::{self, Dashboards, Options, Source, Truth};
use otelgate_harness::finding::Verdict;
use otelgate_harness::report::RunSummary;
use otelgate_harness::run::panels::{Window, gather};

use crate::cli::{self, Output};
use crate::exit::Failure;
use crate::judge;

/// Judges dashboards and rules alone.
pub(crate) async fn run(options: &cli::Dashboards, output: &Output) -> Result<Option<Verdict>, Failure> {
    let began = Instant::now();
    let loaded = load(options)?;
    let truth = truth(options, &loaded).await?;
    let mut judged = dashboards::judge(&loaded, &truth, Options::default());
    if let Some(url) = &options.grafana {
        let panels = ask(url, options, &loaded).await?;
        let mut findings = Vec::new();
        judged.queries += dashboards::judge_answers(&panels, &loaded, &judged, Options::default(), &mut findings);
        judged.findings.extend(findings);
    }
    let outcome = judged.outcome();
    let mut summary = RunSummary { service: "dashboards".to_owned(), ..RunSummary::default() };
    summary.stack = of_what(options);
    summary.counts.metrics = truth.len();
    summary.counts.series = truth.series();
    judge::render(&outcome, &Capture::default(), summary, began, output)?;
    Ok(Some(outcome.verdict))
}

/// Reads what is named or, if nothing is, what the configuration names.
fn load(options: &cli::Dashboards) -> Result<Dashboards, Failure> {
    let usage = |error: dashboards::LoadError| Failure::Usage(error.to_string());
    let mut sources: Vec<Source> =
        options.paths.iter().map(|path| Source { path: path.clone(), ..Source::default() }).collect();
    if sources.is_empty() && (options.rules.is_empty() || options.config.exists()) {
        sources = of_config(&options.config)?;
    }
    sources.push(Source {
        provisioning: options.provisioning.clone(),
        rules: options.rules.clone(),
        ..Source::default()
    });
    dashboards::load(&sources).map_err(usage)
}

fn of_config(path: &Path) -> Result<Vec<Source>, Failure> {
    if !path.exists() {
        let next = "name a dashboard or a folder of dashboards: otelgate dashboards DIR --scrape URL";
        return Err(Failure::Usage(format!("no dashboards are named, and there is no {}; {next}", path.display())));
    }
    let config = config::read(path).map_err(|error| Failure::Usage(error.to_string()))?;
    if config.dashboards.is_empty() {
        return Err(Failure::Usage(format!("{}: has no `dashboards`; name a folder of them", path.display())));
    }
    Ok(config.dashboards)
}

/// What Grafana answers for every query.
async fn ask(url: &str, options: &cli::Dashboards, loaded: &Dashboards) -> Result<StoredPanels, Failure> {
    let environment = |error: BackEndError| Failure::Environment(error.to_string());
    let login = options.user.as_deref().map(|user| (user, options.password.as_deref().unwrap_or_default()));
    let grafana = Grafana::new(url, login).map_err(environment)?;
    grafana.about().await.map_err(environment)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let until = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
    gather(&grafana, loaded, Window::AsDashboards { until }).await.map_err(environment)
}

/// The metrics to judge by.
async fn truth(options: &cli::Dashboards, loaded: &Dashboards) -> Result<Truth, Failure> {
    if let Some(url) = &options.prometheus {
        let environment = |error: BackEndError| Failure::Environment(error.to_string());
        let prometheus = Prometheus::new(url).map_err(environment)?;
        return Truth::of_prometheus(&prometheus, &loaded.words()).await.map_err(environment);
    }
    let Some(from) = &options.scrape else {
        if options.grafana.is_some() {
            return Ok(Truth::unknown());
        }
        return Err(Failure::Usage(
            "say by which metrics to judge: --scrape FILE or URL, --prometheus URL, or --grafana URL".to_owned(),
        ));
    };
    let text = if from.starts_with("http://") || from.starts_with("https://") {
        dashboards::fetch_scrape(from, Duration::from_secs(10))
            .await
            .map_err(|error| Failure::Environment(format!("{from}: {error}")))?
    } else {
        let path = PathBuf::from(from);
        std::fs::read_to_string(&path).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?
    };
    let scrape = Scrape::of_exposition(0, from, text).map_err(|error| Failure::Usage(format!("{from}: {error}")))?;
    if scrape.families.is_empty() {
        return Err(Failure::Usage(format!("{from}: no metric is in it; name a /metrics page, or a file of one")));
    }
    Ok(Truth::of_scrape(&scrape))
}

fn of_what(options: &cli::Dashboards) -> String {
    [("scrape", &options.scrape), ("prometheus", &options.prometheus), ("grafana", &options.grafana)]
        .into_iter()
        .find_map(|(name, from)| from.as_ref().map(|from| format!("{name} {from}")))
        .unwrap_or_default()
}
