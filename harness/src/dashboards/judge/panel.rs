//! Panels and annotations.

use std::time::Duration;

use super::super::duration;
use super::super::interpolate::{Filled, Times, fill};
use super::super::load::Dashboards;
use super::super::model::{Dashboard, Panel, Target};
use super::super::provisioning::DataSource;
use super::super::truth::Truth;
use super::defect::{Asked, Defect, On, Said};
use super::expression::{Around, Judged as JudgedExpression, judge, legend_labels};
use super::quantity::Quantity;
use super::query_sources::{Goes, goes};
use super::{Judged, Options, QueryVerdict};
use crate::finding::{Finding, Level, Place, Signal};

/// Grafana's own idea of a scrape interval, where the data source does not say one.
const USUAL_INTERVAL: Duration = Duration::from_secs(15);

/// Kinds of panels that show nothing of a data source.
const WITHOUT_QUERY: &[&str] = &[
    "text",
    "row",
    "dashlist",
    "news",
    "alertlist",
    "welcome",
    "annolist",
    "gettingstarted",
    "pluginlist",
    "table-old-text",
    "live",
    "debug",
    "xychart-old",
    "alertGroups",
    "canvas",
    "geomap",
];

/// Kinds of panels that draw over time.
const GRAPHS: &[&str] = &["timeseries", "graph", "trend", "barchart", "status-history"];

/// One dashboard among what it is judged by.
#[derive(Clone, Copy)]
pub(super) struct Scene<'d> {
    pub(super) dashboards: &'d Dashboards,
    pub(super) dashboard: &'d Dashboard,
    pub(super) truth: &'d Truth,
    pub(super) options: Options,
}

impl<'d> Scene<'d> {
    /// The expression with values in it.
    pub(super) fn filled(&self, expr: &str, source: Option<&DataSource>, least: &[&str]) -> Filled {
        let scrape = source.and_then(|source| source.interval).or(self.truth.interval()).unwrap_or(USUAL_INTERVAL);
        let least_step = least.iter().find_map(|text| duration::parse(text)).unwrap_or(scrape);
        fill(expr, self.dashboard, Times { range: self.dashboard.range, scrape, least_step })
    }

    pub(super) fn around(&self, source: Option<&DataSource>, graph: bool, labels: Vec<String>) -> Around<'d> {
        Around {
            truth: self.truth,
            all_happened: self.options.all_happened,
            interval: self.truth.interval().or(source.and_then(|source| source.interval)),
            graph,
            labels,
        }
    }

    pub(super) fn variable_names(&self) -> Vec<&'d str> {
        self.dashboard.variables.iter().map(|variable| variable.name.as_str()).collect()
    }
}

/// Judges the panels and annotations of one dashboard. `covered` says which entries of `may-be-empty` found their panel.
pub(super) fn judge_all(scene: &Scene<'_>, covered: &mut [bool], judged: &mut Judged) {
    let mut unjudged: Vec<String> = Vec::new();
    for panel in &scene.dashboard.panels {
        one(scene, panel, covered, &mut unjudged, judged);
    }
    for annotation in &scene.dashboard.annotations {
        let around = super::super::model::SourceRef::default();
        if annotation.expr.is_empty() || !annotation.enabled {
            continue;
        }
        let Goes::Prometheus(source) = goes(&annotation.source, &around, scene.dashboards, scene.dashboard) else {
            continue;
        };
        let name = format!("annotation {}", annotation.name);
        let asked = Asked {
            on: On::Panel,
            subject: format!("{} / {name}", scene.dashboard.name()),
            path: format!("{} › {name}", scene.dashboard.file),
            expr: &annotation.expr,
        };
        let filled = scene.filled(&annotation.expr, source, &[]);
        let result =
            judge(&annotation.expr, &filled, &scene.variable_names(), &scene.around(source, false, Vec::new()));
        judged.queries += 1;
        let mut verdict = QueryVerdict {
            dashboard: scene.dashboard.name().to_owned(),
            subject: annotation.name.clone(),
            ..QueryVerdict::default()
        };
        tell(&asked, result.said, &mut verdict, judged);
    }
    if !unjudged.is_empty() {
        unjudged.sort_unstable();
        unjudged.dedup();
        judged.findings.push(not_judged(scene.dashboard, &unjudged));
    }
}

fn one(scene: &Scene<'_>, panel: &Panel, covered: &mut [bool], unjudged: &mut Vec<String>, judged: &mut Judged) {
    let Scene { dashboards, dashboard, .. } = *scene;
    let title =
        if panel.title.is_empty() { format!("(panel {})", panel.id.unwrap_or_default()) } else { panel.title.clone() };
    if panel.library.is_some() {
        unjudged.push(format!("`{title}` is a library panel: its queries are not in the file"));
        return;
    }
    let subject = format!("{} / {title}", dashboard.name());
    let path = match panel.id {
        Some(id) => format!("{} › {title} (panel {id})", dashboard.file),
        None => format!("{} › {title}", dashboard.file),
    };
    let mut asks = panel.source.is_dashboard();
    let mut nowhere: Vec<String> = Vec::new();
    for target in &panel.targets {
        let source = match goes(&target.source, &panel.source, dashboards, dashboard) {
            Goes::Prometheus(source) => source,
            Goes::Inside => {
                asks = true;
                continue;
            }
            Goes::Elsewhere(kind) => {
                asks = true;
                unjudged.push(format!("`{title}` asks a data source of kind {kind}"));
                continue;
            }
            Goes::Nowhere { id, found, hint } => {
                asks = true;
                if !nowhere.contains(&id) {
                    judged.findings.push(source_missing(&subject, &path, &id, &found, hint));
                    nowhere.push(id);
                }
                // Its expression can be judged all the same.
                None
            }
        };
        asks |= !target.expr.trim().is_empty() || target.other_content;
        if target.expr.trim().is_empty() {
            if target.other_content {
                unjudged.push(format!("`{title}`, query {}, has no PromQL", target.ref_id));
            }
            continue;
        }
        let covers: Vec<usize> = covering(dashboards, dashboard, panel, &target.ref_id);
        for at in &covers {
            covered[*at] = true;
        }
        let asked = Asked {
            on: On::Panel,
            subject: format!("{subject} / {}", target.ref_id),
            path: format!("{path} › {}", target.ref_id),
            expr: &target.expr,
        };
        let mut result = query(scene, panel, target, source);
        judged.queries += 1;
        if let Some(why) = &result.unjudged {
            unjudged.push(format!("`{title}`, query {}: {why}", target.ref_id));
        }
        if !covers.is_empty() {
            result.said.retain(|said| said.defect != Defect::LabelValue);
        }
        if target.hidden {
            // Nobody sees it; an expression or a transformation may.
            result.said.iter_mut().for_each(|said| said.level = said.level.max(Level::Improvement));
        }
        let mut verdict = QueryVerdict {
            dashboard: dashboard.name().to_owned(),
            subject: panel.title.clone(),
            id: panel.id,
            ref_id: target.ref_id.clone(),
            may_be_empty: !covers.is_empty(),
            ..QueryVerdict::default()
        };
        if !nowhere.is_empty() {
            verdict.no_data_because.push(format!("the data source `{}` is not there", nowhere.join(", ")));
        }
        tell(&asked, result.said, &mut verdict, judged);
    }
    if !asks && !WITHOUT_QUERY.contains(&panel.kind.as_str()) {
        judged.findings.push(
            Finding::violation(
                "panel.no-query",
                Signal::Dashboard,
                subject,
                "the panel asks nothing: it is always empty",
            )
            .at(Place { path, ..Place::default() })
            .wanted("a query")
            .found(if panel.targets.is_empty() { "no query" } else { "queries without an expression" })
            .hint("give it a query, or remove it"),
        );
    }
}

/// Judges one query, the unit of its panel included.
fn query(scene: &Scene<'_>, panel: &Panel, target: &Target, source: Option<&DataSource>) -> JudgedExpression {
    let shown =
        target.format != "table" && target.format != "heatmap" && panel.kind != "heatmap" && panel.kind != "table";
    let labels = if shown { legend_labels(&target.legend) } else { Vec::new() };
    let graph = GRAPHS.contains(&panel.kind.as_str()) && !target.instant && target.format != "heatmap";
    let filled = scene.filled(&target.expr, source, &[&target.interval, &panel.interval]);
    let mut result = judge(&target.expr, &filled, &scene.variable_names(), &scene.around(source, graph, labels));
    if let Some(quantity) = result.quantity
        && let Some((unit, shown)) = shown_unit(panel, target)
        && quantity.contradicts(shown)
    {
        result.said.push(
            Said::new(
                Defect::Unit,
                "",
                format!("the values are {}, and are shown as {}", quantity.text(), shown.text()),
            )
            .wanted(format!("the unit `{}`, or an expression in {}", quantity.grafana(), shown.text()))
            .found(format!("the unit `{unit}`"))
            .hint("set the panel's unit to that of the metric, or scale the expression")
            .mark(""),
        );
    }
    result
}

/// The unit in which a query's values are shown, if that can be told.
fn shown_unit<'p>(panel: &'p Panel, target: &Target) -> Option<(&'p str, Quantity)> {
    let scales = ["calculateField", "configFromData", "rowsToFields"];
    let changed = panel.transformations.iter().any(|id| scales.contains(&id.as_str()));
    let computed = panel.targets.iter().any(|target| target.source.is_expression());
    if changed
        || computed
        || matches!(panel.kind.as_str(), "heatmap" | "table" | "table-old")
        || target.format == "heatmap"
        || target.hidden
    {
        return None;
    }
    let mut unit = panel.unit.as_str();
    for over in &panel.overrides {
        match over.matcher.as_str() {
            "byFrameRefID" if over.matches == target.ref_id => unit = &over.unit,
            "byFrameRefID" => {}
            "byName" if over.matches == target.legend => unit = &over.unit,
            "byName" if !target.legend.is_empty() && !target.legend.contains("{{") && target.legend != "__auto" => {}
            // Whose values those are is known only when they are there.
            _ => return None,
        }
    }
    Quantity::of_grafana(unit).map(|quantity| (unit, quantity))
}

/// Adds what was said of a query.
pub(super) fn tell(asked: &Asked<'_>, said: Vec<Said>, verdict: &mut QueryVerdict, judged: &mut Judged) {
    for said in said {
        if said.defect.empties() {
            verdict.no_data_because.push(format!("{} ({})", said.message, said.found));
        }
        judged.findings.push(asked.finding(said));
    }
    judged.verdicts.push(std::mem::take(verdict));
}

fn covering(dashboards: &Dashboards, dashboard: &Dashboard, panel: &Panel, ref_id: &str) -> Vec<usize> {
    let fits = |entry: &super::super::source::MayBeEmpty| {
        (entry.dashboard == dashboard.uid || entry.dashboard == dashboard.title)
            && entry.panel == panel.title
            && entry.query.as_ref().is_none_or(|query| *query == ref_id)
    };
    dashboards.may_be_empty.iter().enumerate().filter(|(_, entry)| fits(entry)).map(|(at, _)| at).collect()
}

fn source_missing(subject: &str, path: &str, id: &str, found: &str, hint: &str) -> Finding {
    Finding::violation(
        "panel.datasource-unknown",
        Signal::Dashboard,
        format!("{subject} / {id}"),
        format!("the data source `{id}` does not exist"),
    )
    .at(Place { path: path.to_owned(), ..Place::default() })
    .wanted(format!("a data source `{id}`"))
    .found(found)
    .hint(hint)
}

fn not_judged(dashboard: &Dashboard, what: &[String]) -> Finding {
    const LISTED: usize = 6;
    let mut found = what.iter().take(LISTED).cloned().collect::<Vec<_>>().join("; ");
    if what.len() > LISTED {
        found = format!("{found}; and {} more", what.len() - LISTED);
    }
    let message = format!("{} of its queries were not judged", what.len());
    Finding::violation("dashboard.not-judged", Signal::Dashboard, dashboard.name(), message)
        .with_level(Level::Information)
        .at(Place { path: dashboard.file.clone(), ..Place::default() })
        .wanted("queries of Prometheus, written in the file")
        .found(found)
        .hint("look at these by eye, or run them through Grafana")
}
