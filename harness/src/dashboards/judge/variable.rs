//! Variables: has the query values?

use regex::Regex;

use super::super::interpolate::ANY;
use super::super::model::{SourceRef, Variable, VariableKind};
use super::super::truth::value;
use super::super::variable_query::{VariableQuery, parse};
use super::defect::{Asked, Defect, On, Said};
use super::expression::{Judged as JudgedExpression, judge};
use super::panel::{Scene, tell};
use super::query_sources::{Goes, goes};
use super::{Judged, QueryVerdict};
use crate::checks::text::nothing_but;
use crate::finding::{Finding, Place, Signal};

pub(super) fn judge_all(scene: &Scene<'_>, judged: &mut Judged) {
    for variable in &scene.dashboard.variables {
        let lists = matches!(variable.kind, VariableKind::Custom | VariableKind::Interval);
        match variable.kind {
            _ if lists && variable.options.is_empty() => judged.findings.push(empty(scene, variable)),
            VariableKind::Query => query(scene, variable, judged),
            _ => {}
        }
    }
}

fn query(scene: &Scene<'_>, variable: &Variable, judged: &mut Judged) {
    let Goes::Prometheus(source) = goes(&variable.source, &SourceRef::default(), scene.dashboards, scene.dashboard)
    else {
        return;
    };
    if variable.query.trim().is_empty() {
        judged.findings.push(empty(scene, variable));
        return;
    }
    let filled = scene.filled(&variable.query, source, &[]);
    let part = |written: &str| super::expression::plain(written);
    let around = || scene.around(source, false, Vec::new());
    let names = scene.variable_names();
    judged.queries += 1;
    let mut said = Vec::new();
    let mut values: Option<Vec<String>> = None;
    match parse(&filled.text) {
        VariableQuery::LabelNames => {}
        VariableQuery::Metrics(pattern) => said.extend(metrics(scene, &pattern)),
        VariableQuery::QueryResult(expr) => said.extend(judge(&variable.query, &part(&expr), &names, &around()).said),
        VariableQuery::Series(selector) => {
            said.extend(judge(&variable.query, &part(&selector), &names, &around()).said);
        }
        VariableQuery::LabelValues { label, .. } if label.contains(ANY) => {}
        VariableQuery::LabelValues { series: None, label } => said.extend(anywhere(scene, &label)),
        VariableQuery::LabelValues { series: Some(selector), label } => {
            let result = judge(&variable.query, &part(&selector), &names, &around());
            values = label_values(scene, &selector, &label, &result, &mut said);
            said.extend(result.said);
        }
    }
    if let Some(values) = values
        && let Some(pattern) = filter(&variable.regex)
        && !values.iter().any(|value| value.contains(ANY) || pattern.is_match(value))
    {
        let shown: Vec<&str> = values.iter().map(String::as_str).collect();
        said.push(
            Said::new(Defect::Syntax, "", format!("the filter `{}` lets no value through", variable.regex))
                .wanted("at least one value")
                .found(format!("the query gives {}", super::selector::listed(&shown)))
                .hint("mend the filter: it is held against each value")
                .mark(""),
        );
    }
    if !filled.undefined.is_empty() {
        said.extend(
            judge(&variable.query, &filled, &names, &around())
                .said
                .into_iter()
                .filter(|it| it.defect == Defect::VariableUnknown),
        );
    }
    let asked = Asked {
        on: On::Variable,
        subject: format!("{} / ${}", scene.dashboard.name(), variable.name),
        path: format!("{} › variable {}", scene.dashboard.file, variable.name),
        expr: &variable.query,
    };
    let mut verdict = QueryVerdict {
        dashboard: scene.dashboard.name().to_owned(),
        subject: variable.name.clone(),
        ..QueryVerdict::default()
    };
    tell(&asked, said, &mut verdict, judged);
}

/// The values of `label` on the series of `selector`; says if there are none.
fn label_values(
    scene: &Scene<'_>,
    selector: &str,
    label: &str,
    result: &JudgedExpression,
    said: &mut Vec<Said>,
) -> Option<Vec<String>> {
    let series = result.series.as_ref()?;
    let mut values: Vec<String> = series.iter().filter_map(|labels| value(labels, label)).map(str::to_owned).collect();
    values.sort_unstable();
    values.dedup();
    if values.is_empty() && label != "__name__" && !series.is_empty() {
        if scene.truth.may_be_of_target(label) {
            return None;
        }
        let mut has: Vec<&str> = series.iter().flatten().map(|(name, _)| &**name).collect();
        has.sort_unstable();
        has.dedup();
        let found = if has.is_empty() {
            "no label at all".to_owned()
        } else {
            format!("it has {}", super::selector::listed(&has))
        };
        said.push(
            Said::new(
                Defect::LabelMissing,
                label,
                format!("the label `{label}` never existed on `{selector}`: the variable has no value"),
            )
            .wanted(format!("a label `{label}`"))
            .found(found)
            .hint("ask for a label that the series have"),
        );
        return None;
    }
    Some(values)
}

fn anywhere(scene: &Scene<'_>, label: &str) -> Option<Said> {
    if scene.truth.names().any(|name| scene.truth.metric(name).is_some_and(|metric| metric.open)) {
        // Not all labels are known.
        return None;
    }
    let mut labels: Vec<&str> = Vec::new();
    for name in scene.truth.names() {
        if let Some(metric) = scene.truth.metric(name) {
            labels.extend(metric.labels());
        }
    }
    if label == "__name__" || scene.truth.may_be_of_target(label) || labels.contains(&label) {
        return None;
    }
    labels.sort_unstable();
    labels.dedup();
    Some(
        Said::new(Defect::LabelMissing, label, format!("no metric has a label `{label}`: the variable has no value"))
            .wanted(format!("a label `{label}` on any metric"))
            .found(nothing_but(label, labels.iter().copied()))
            .hint("ask for a label that the metrics have"),
    )
}

fn metrics(scene: &Scene<'_>, pattern: &str) -> Option<Said> {
    if scene.truth.is_unknown() || pattern.is_empty() || pattern.contains(ANY) {
        return None;
    }
    let regex = Regex::new(pattern).ok()?;
    let there = scene.truth.names().any(|name| regex.is_match(name));
    (!there).then(|| {
        Said::new(
            Defect::MetricMissing,
            pattern,
            format!("no metric has a name like `{pattern}`: the variable has no value"),
        )
        .wanted(format!("a metric whose name fits `{pattern}`"))
        .found(nothing_but(pattern, scene.truth.names()))
        .hint("compare the pattern with the names in the scrape")
    })
}

/// The regular expression of a filter, `/…/` or bare; `None` if there is none, or it is one of JavaScript's alone.
pub(in crate::dashboards) fn filter(text: &str) -> Option<Regex> {
    let text = text.trim();
    if text.is_empty() || text.contains('$') && text.contains("${") {
        return None;
    }
    let (body, flags) = match text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((body, flags)) => (body.to_owned(), flags),
        // Without slashes it has to fit the whole value.
        None => (format!("^{text}$"), ""),
    };
    let insensitive = if flags.contains('i') { "(?i)" } else { "" };
    Regex::new(&format!("{insensitive}{body}")).ok()
}

fn empty(scene: &Scene<'_>, variable: &Variable) -> Finding {
    let what = if variable.kind == VariableKind::Query { "query" } else { "list of values" };
    Finding::violation(
        "variable.empty",
        Signal::Dashboard,
        format!("{} / ${}", scene.dashboard.name(), variable.name),
        format!("the variable's {what} is empty: it has no value, and panels that use it show nothing"),
    )
    .at(Place { path: format!("{} › variable {}", scene.dashboard.file, variable.name), ..Place::default() })
    .wanted(format!("a {what}"))
    .found("none")
    .hint("write one, or remove the variable")
}
