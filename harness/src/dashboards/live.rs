//! Queries as Grafana sends them: with the values that variables have.

use std::collections::BTreeMap;
use std::time::Duration;

use super::duration;
use super::interpolate::{ANY, Times, Within, built_in, replace};
use super::model::{Dashboard, Panel, Target, Variable, VariableKind};
use super::variable_query::{VariableQuery, parse};

/// Most values of a variable that are put into a query.
const MOST_VALUES: usize = 100;

/// What a dashboard's variables are, and what time means to its queries.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    known: BTreeMap<String, Chosen>,
    range: Duration,
    until_ms: u64,
}

/// The values chosen of a variable.
#[derive(Clone, Debug, Default)]
struct Chosen {
    values: Vec<String>,
    multi: bool,
}

/// How the values of a variable are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// By a list of the HTTP API: its path, and the selectors for it.
    List { path: String, selectors: Vec<String>, pattern: String },
    /// By an expression.
    Expression(String),
}

impl Values {
    /// No variable is known yet; the dashboard's queries look back over `range`.
    pub(crate) fn new(range: Duration, until: u64) -> Self {
        Self { known: BTreeMap::new(), range, until_ms: until / 1_000_000 }
    }

    /// Says what a variable's values are.
    pub(crate) fn set(&mut self, variable: &Variable, mut values: Vec<String>) {
        values.truncate(MOST_VALUES);
        self.known.insert(variable.name.clone(), Chosen { values, multi: variable.multi });
    }

    /// Says what a variable of the file is; `None` if it has to be asked for.
    pub(crate) fn written(variable: &Variable) -> Option<Vec<String>> {
        let current = || variable.current.iter().find(|value| !value.starts_with('$') && !value.is_empty()).cloned();
        match variable.kind {
            VariableKind::Query | VariableKind::DataSource => None,
            VariableKind::Custom | VariableKind::Interval | VariableKind::Constant if variable.multi => {
                Some(variable.options.clone())
            }
            VariableKind::Custom | VariableKind::Interval | VariableKind::Constant => {
                Some(current().or_else(|| variable.options.first().cloned()).into_iter().collect())
            }
            VariableKind::TextBox | VariableKind::AdHoc | VariableKind::Other => {
                Some(vec![current().unwrap_or_else(|| variable.query.clone())])
            }
        }
    }

    /// How to ask for the values of a variable.
    pub(crate) fn ask(&self, variable: &Variable, scrape: Duration) -> Ask {
        let query = self.fill(&variable.query, self.times(scrape, scrape));
        let list = |path: &str, series: Option<String>, pattern: &str| Ask::List {
            path: path.to_owned(),
            selectors: series.into_iter().collect(),
            pattern: pattern.to_owned(),
        };
        match parse(&query) {
            VariableQuery::LabelNames => list("labels", None, ""),
            VariableQuery::LabelValues { series, label } => list(&format!("label/{label}/values"), series, ""),
            VariableQuery::Metrics(pattern) => list("label/__name__/values", None, &pattern),
            VariableQuery::QueryResult(expr) => Ask::Expression(expr),
            VariableQuery::Series(selector) => list("series", Some(selector), ""),
        }
    }

    /// The expression of a query, and its step.
    pub(crate) fn expression(&self, panel: &Panel, target: &Target, scrape: Duration) -> (String, Duration) {
        let least = [&target.interval, &panel.interval].into_iter().find_map(|text| duration::parse(text));
        let times = self.times(scrape, least.unwrap_or(scrape));
        (self.fill(&target.expr, times), times.interval())
    }

    /// An expression outside of panels, with the usual step.
    pub(crate) fn plain(&self, expr: &str, scrape: Duration) -> (String, Duration) {
        let times = self.times(scrape, scrape);
        (self.fill(expr, times), times.interval())
    }

    /// Text that is no expression, such as the uid of a data source.
    pub(crate) fn text(&self, text: &str) -> String {
        replace(text, |name, _, _| self.known.get(name)?.values.first().cloned())
    }

    fn times(&self, scrape: Duration, least_step: Duration) -> Times {
        Times { range: self.range, scrape, least_step }
    }

    fn fill(&self, expr: &str, times: Times) -> String {
        replace(expr, |name, format, within| match name {
            "__from" => Some(self.until_ms.saturating_sub(u64::try_from(self.range.as_millis()).ok()?).to_string()),
            "__to" => Some(self.until_ms.to_string()),
            _ => built_in(name, times)
                .filter(|value| value != ANY)
                .or_else(|| self.known.get(name).map(|chosen| chosen.text(format, within))),
        })
    }
}

impl Chosen {
    /// The values as Grafana's Prometheus data source writes them.
    fn text(&self, format: Option<&str>, within: Within) -> String {
        let join = |separator: &str| self.values.join(separator);
        let first = || self.values.first().cloned().unwrap_or_default();
        match format {
            Some("csv") => join(","),
            Some("pipe") => join("|"),
            Some("raw" | "text") if self.values.len() > 1 => format!("{{{}}}", join(",")),
            Some("raw" | "text") => first(),
            Some("doublequote") => self.values.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>().join(","),
            Some("singlequote") => self.values.iter().map(|value| format!("'{value}'")).collect::<Vec<_>>().join(","),
            _ if within == Within::Quotes && (self.multi || format == Some("regex")) => match self.values.as_slice() {
                [] => ".*".to_owned(),
                [one] => escaped(one),
                many => format!("({})", many.iter().map(|value| escaped(value)).collect::<Vec<_>>().join("|")),
            },
            _ if within == Within::Quotes => first().replace('\\', "\\\\").replace('"', "\\\""),
            _ if self.multi => join(","),
            _ => first(),
        }
    }
}

/// A value in a regular expression, in a string.
fn escaped(value: &str) -> String {
    regex::escape(value).replace("\\-", "-").replace('\\', "\\\\").replace('"', "\\\"")
}

/// The values of a variable, of those that its query gave: its filter lets through, or takes a part of.
pub(crate) fn filtered(variable: &Variable, values: Vec<String>) -> Vec<String> {
    let Some(filter) = super::judge::filter(&variable.regex) else { return values };
    let mut kept = Vec::new();
    for value in values {
        let Some(found) = filter.captures(&value) else { continue };
        let part = found.name("value").or_else(|| found.get(1)).or_else(|| found.get(0));
        let part = part.map_or(value.as_str(), |part| part.as_str()).to_owned();
        if !kept.contains(&part) {
            kept.push(part);
        }
    }
    kept
}

/// The steps of a dashboard's variables, in the order in which one may need another.
pub(crate) fn in_order(dashboard: &Dashboard) -> Vec<&Variable> {
    let mut waiting: Vec<&Variable> = dashboard.variables.iter().collect();
    let mut ordered: Vec<&Variable> = Vec::new();
    while !waiting.is_empty() {
        let needs = |variable: &Variable| {
            super::interpolate::names(&format!("{} {}", variable.query, variable.source.id))
                .into_iter()
                .any(|name| name != variable.name && waiting.iter().any(|other| other.name == name))
        };
        // In a circle, any is as good as another.
        let at = waiting.iter().position(|variable| !needs(variable)).unwrap_or(0);
        ordered.push(waiting.remove(at));
    }
    ordered
}
