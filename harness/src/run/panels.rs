//! What the panels of a run's dashboards show: every query of theirs, run through Grafana.

use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;

use crate::backends::grafana::{DataSourceInfo, Query, QueryAnswer};
use crate::backends::{BackEndError, Grafana};
use crate::capture::arrived::{AnsweredSeries, Asker, PanelAnswer, SourceHealth, StoredPanels};
use crate::dashboards::Dashboards;
use crate::dashboards::live::{Ask, Values, filtered, in_order};
use crate::dashboards::model::{Dashboard, Panel, SourceRef, Target, Variable, VariableKind};

/// Queries under way at once.
const AT_ONCE: usize = 8;

/// A scrape interval, where the data source says none: Grafana's own.
const USUAL_INTERVAL: Duration = Duration::from_secs(15);

/// Over which time to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// That of a run, in nanoseconds since the Unix epoch.
    Between {
        /// Its begin.
        from: u64,
        /// Its end.
        until: u64,
    },
    /// As far back as each dashboard looks by default, from this moment.
    AsDashboards {
        /// The moment.
        until: u64,
    },
}

impl Window {
    fn of(self, dashboard: &Dashboard) -> (u64, u64) {
        match self {
            Self::Between { from, until } => (from, until),
            Self::AsDashboards { until } => {
                let range = u64::try_from(dashboard.range.as_nanos()).unwrap_or(u64::MAX);
                (until.saturating_sub(range), until)
            }
        }
    }
}

/// Runs every query of every panel, variable and annotation of `dashboards` through `grafana`, as a browser would.
///
/// To be called once the store behind it has what the run emitted: nothing is waited for. Queries of library panels and
/// server-side expressions are left out.
///
/// # Errors
/// If Grafana itself does not answer, or refuses the login. What a data source refuses is part of the answers.
pub async fn gather(grafana: &Grafana, dashboards: &Dashboards, window: Window) -> Result<StoredPanels, BackEndError> {
    let sources = grafana.data_sources().await?;
    let mut stored = StoredPanels::default();
    for source in &sources {
        let trouble = grafana.health_of(&source.uid).await?;
        stored.sources.push(SourceHealth {
            uid: source.uid.clone(),
            name: source.name.clone(),
            kind: source.kind.clone(),
            trouble,
        });
    }
    let hits = grafana.dashboards().await?;
    for dashboard in dashboards.dashboards.iter().filter(|dashboard| !dashboard.uid.is_empty()) {
        if !hits.iter().any(|hit| hit.uid == dashboard.uid) {
            stored.absent.push(dashboard.uid.clone());
        }
    }
    let mut widest: Option<(u64, u64)> = None;
    for dashboard in &dashboards.dashboards {
        let (from, until) = window.of(dashboard);
        widest = Some(widest.map_or((from, until), |(first, last)| (first.min(from), last.max(until))));
        let mut asking = Asking {
            grafana,
            sources: &sources,
            dashboard,
            from,
            until,
            values: Values::new(Duration::from_nanos(until.saturating_sub(from)), until),
        };
        asking.variables(&mut stored.answers).await?;
        asking.panels(&mut stored.answers).await?;
        asking.annotations(&mut stored.answers).await?;
    }
    (stored.from, stored.until) = widest.unwrap_or_default();
    Ok(stored)
}

/// One dashboard being asked for.
struct Asking<'g> {
    grafana: &'g Grafana,
    sources: &'g [DataSourceInfo],
    dashboard: &'g Dashboard,
    from: u64,
    until: u64,
    values: Values,
}

impl<'g> Asking<'g> {
    async fn variables(&mut self, answers: &mut Vec<PanelAnswer>) -> Result<(), BackEndError> {
        for variable in in_order(self.dashboard) {
            if variable.kind == VariableKind::DataSource {
                let of_kind = self.sources.iter().filter(|source| source.kind == variable.query);
                let mut uids: Vec<&DataSourceInfo> = of_kind.collect();
                uids.sort_by_key(|source| !source.is_default);
                self.values.set(variable, uids.iter().map(|source| source.uid.clone()).collect());
                continue;
            }
            if let Some(values) = Values::written(variable) {
                self.values.set(variable, values);
                continue;
            }
            let Some(source) = self.source(&variable.source, &SourceRef::default()) else { continue };
            if source.kind != "prometheus" || variable.query.is_empty() {
                continue;
            }
            let answer = self.variable(variable, source).await?;
            self.values.set(variable, answer.values.clone());
            answers.push(answer);
        }
        Ok(())
    }

    async fn variable(&self, variable: &Variable, source: &DataSourceInfo) -> Result<PanelAnswer, BackEndError> {
        let mut answer = self.answer(Asker::Variable, &variable.name, source);
        let values = match self.values.ask(variable, interval(source)) {
            Ask::Expression(expr) => {
                answer.query.clone_from(&expr);
                let query = self.query(source, expr, Duration::from_secs(15), true);
                let told = self.grafana.query(&query, self.from, self.until).await?;
                answer.error = told.error;
                told.series.iter().map(as_text).collect()
            }
            Ask::List { path, selectors, pattern } => {
                let (from, until) = (seconds(self.from), seconds(self.until));
                let mut asked = vec![("start", from.as_str()), ("end", until.as_str())];
                asked.extend(selectors.iter().map(|selector| ("match[]", selector.as_str())));
                answer.query = [path.as_str()]
                    .into_iter()
                    .chain(selectors.iter().map(String::as_str))
                    .collect::<Vec<_>>()
                    .join(" ");
                match self.grafana.resource(&source.uid, &path, &asked).await? {
                    Ok(found) => listed(found, &pattern),
                    Err(said) => {
                        answer.error = Some(said);
                        Vec::new()
                    }
                }
            }
        };
        answer.values = filtered(variable, values);
        Ok(answer)
    }

    async fn panels(&self, answers: &mut Vec<PanelAnswer>) -> Result<(), BackEndError> {
        let targets = self.dashboard.panels.iter().filter(|panel| panel.library.is_none());
        let asks: Vec<_> = targets
            .flat_map(|panel| panel.targets.iter().map(move |target| (panel, target)))
            .filter_map(|(panel, target)| self.ask(panel, target))
            .collect();
        let told: Vec<PanelAnswer> = stream::iter(asks)
            .map(|(mut answer, query)| async move {
                if let Some(query) = query {
                    take(&mut answer, self.grafana.query(&query, self.from, self.until).await?);
                }
                Ok::<_, BackEndError>(answer)
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        answers.extend(told);
        Ok(())
    }

    /// The query of a target; `None` for what Grafana computes itself. Without a query where there is no data source.
    fn ask(&self, panel: &Panel, target: &Target) -> Option<(PanelAnswer, Option<Query>)> {
        let around =
            if target.source.is_default() && target.source.kind.is_empty() { &panel.source } else { &target.source };
        if around.is_built_in() || (target.expr.is_empty() && !target.other_content) {
            return None;
        }
        let of_panel = |source: &DataSourceInfo| {
            let mut answer = self.answer(Asker::Panel, &panel.title, source);
            answer.id = panel.id;
            answer.ref_id.clone_from(&target.ref_id);
            answer
        };
        let Some(source) = self.source(&target.source, &panel.source) else {
            let mut answer = of_panel(&DataSourceInfo { uid: around.id.clone(), ..DataSourceInfo::default() });
            answer.query.clone_from(&target.expr);
            answer.error = Some(format!("there is no data source `{}`", around.id));
            return Some((answer, None));
        };
        let (expr, step) = self.values.expression(panel, target, interval(source));
        let mut answer = of_panel(source);
        answer.query.clone_from(&expr);
        let query = Query {
            ref_id: target.ref_id.clone(),
            format: target.format.clone(),
            more: target.more.clone(),
            ..self.query(source, expr, step, target.instant)
        };
        Some((answer, Some(query)))
    }

    async fn annotations(&self, answers: &mut Vec<PanelAnswer>) -> Result<(), BackEndError> {
        let all = self.dashboard.annotations.iter();
        for annotation in all.filter(|annotation| annotation.enabled && !annotation.expr.is_empty()) {
            let Some(source) = self.source(&annotation.source, &SourceRef::default()) else { continue };
            let (expr, step) = self.values.plain(&annotation.expr, interval(source));
            let mut answer = self.answer(Asker::Annotation, &annotation.name, source);
            answer.query.clone_from(&expr);
            let query = self.query(source, expr, step, false);
            take(&mut answer, self.grafana.query(&query, self.from, self.until).await?);
            answers.push(answer);
        }
        Ok(())
    }

    fn answer(&self, asker: Asker, subject: &str, source: &DataSourceInfo) -> PanelAnswer {
        PanelAnswer {
            dashboard: self.dashboard.name().to_owned(),
            asker,
            subject: subject.to_owned(),
            source: source.uid.clone(),
            ..PanelAnswer::default()
        }
    }

    #[expect(clippy::unused_self, reason = "reads as the others do")]
    fn query(&self, source: &DataSourceInfo, expr: String, step: Duration, instant: bool) -> Query {
        Query {
            kind: source.kind.clone(),
            source: source.uid.clone(),
            expr,
            instant,
            interval_ms: u64::try_from(step.as_millis()).unwrap_or(u64::MAX),
            ..Query::default()
        }
    }

    /// The data source that `own` means, inside something of source `around`.
    fn source(&self, own: &SourceRef, around: &SourceRef) -> Option<&'g DataSourceInfo> {
        let meant = if own.is_default() && own.kind.is_empty() && !around.is_mixed() { around } else { own };
        if meant.is_default() {
            let default = self.sources.iter().find(|source| source.is_default);
            let of_kind = || self.sources.iter().find(|source| source.kind == meant.kind);
            return default.filter(|source| meant.kind.is_empty() || source.kind == meant.kind).or_else(of_kind);
        }
        let id = self.values.text(&meant.id);
        let by_uid = self.sources.iter().find(|source| source.uid == id);
        by_uid.or_else(|| self.sources.iter().find(|source| source.name == id))
    }
}

fn take(answer: &mut PanelAnswer, told: QueryAnswer) {
    answer.error = told.error;
    answer.notices = told.notices;
    answer.series = told.series;
    answer.rows = told.rows;
}

/// What the data source says of the scrape interval.
fn interval(source: &DataSourceInfo) -> Duration {
    let said = source.json_data.get("timeInterval").and_then(Json::as_str);
    said.and_then(crate::dashboards::parse_duration).unwrap_or(USUAL_INTERVAL)
}

/// A series as `query_result` gives it: `name{label="value"} 3`.
fn as_text(series: &AnsweredSeries) -> String {
    let labels: Vec<String> = series.labels.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    format!("{}{{{}}} {}", series.name, labels.join(","), series.last)
}

/// The entries of a list as values: texts, or series.
fn listed(found: Vec<Json>, pattern: &str) -> Vec<String> {
    let pattern = regex::Regex::new(pattern).ok();
    let as_value = |entry: Json| match entry {
        Json::String(text) => Some(text),
        Json::Object(labels) => {
            let name = labels.get("__name__").and_then(Json::as_str).unwrap_or_default().to_owned();
            let pairs: Vec<String> = labels
                .iter()
                .filter(|(label, _)| *label != "__name__")
                .filter_map(|(label, value)| Some(format!("{label}=\"{}\"", value.as_str()?)))
                .collect();
            Some(format!("{name}{{{}}}", pairs.join(",")))
        }
        _ => None,
    };
    let values = found.into_iter().filter_map(as_value);
    values.filter(|value| pattern.as_ref().is_none_or(|pattern| pattern.is_match(value))).collect()
}

fn seconds(nanos: u64) -> String {
    (nanos / 1_000_000_000).to_string()
}
