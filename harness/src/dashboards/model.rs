//! Grafana dashboards, reduced to what can be judged.

use std::time::Duration;

/// A dashboard, whatever its schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dashboard {
    /// The file it is from, as it was named.
    pub file: String,
    /// Its uid; empty if it has none, and Grafana makes one up at each import.
    pub uid: String,
    /// Its title.
    pub title: String,
    /// How far back it looks by default; one hour if it does not say.
    pub range: Duration,
    /// The panels, those inside rows among them, in the order of the file. Rows themselves are left out.
    pub panels: Vec<Panel>,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its annotation queries.
    pub annotations: Vec<Annotation>,
    /// Names of `__inputs`, which Grafana's import dialogue replaces and provisioning does not.
    pub inputs: Vec<Input>,
    /// How many links to other pages it has. Links are not judged.
    pub links: usize,
}

impl Dashboard {
    /// What the dashboard is called in findings: its uid, else its title, else its file.
    #[must_use]
    pub fn name(&self) -> &str {
        [&self.uid, &self.title, &self.file].into_iter().find(|name| !name.is_empty()).map_or("", String::as_str)
    }

    /// The variable of this name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }
}

/// A value that the import dialogue asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Its name: `DS_PROMETHEUS`.
    pub name: String,
    /// The kind of data source it stands for: `prometheus`; empty for a constant.
    pub plugin: String,
}

/// One panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Its id; `None` if it has none.
    pub id: Option<i64>,
    /// Its title.
    pub title: String,
    /// Its type: `timeseries`, `stat`, `table`.
    pub kind: String,
    /// Title of the row it is in.
    pub row: Option<String>,
    /// The variable it is repeated over.
    pub repeat: Option<String>,
    /// Where its queries go, unless they say otherwise.
    pub source: SourceRef,
    /// Its queries.
    pub targets: Vec<Target>,
    /// The unit its values are shown in: Grafana's id, `s`, `percentunit`; empty if none is set.
    pub unit: String,
    /// Units set by override.
    pub overrides: Vec<UnitOverride>,
    /// Ids of its transformations: `calculateField`.
    pub transformations: Vec<String>,
    /// Name or uid of the library panel it is, whose content is not in the file.
    pub library: Option<String>,
    /// Its smallest step: `30s`, `>15s`; empty if not set.
    pub interval: String,
}

/// A unit set for some of a panel's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitOverride {
    /// The matcher: `byName`, `byFrameRefID`, `byRegexp`.
    pub matcher: String,
    /// What it matches; empty if it is no text.
    pub matches: String,
    /// The unit.
    pub unit: String,
}

/// One query of a panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Its letter.
    pub ref_id: String,
    /// Where it goes, if not where the panel's queries go.
    pub source: SourceRef,
    /// The expression; empty if it has none.
    pub expr: String,
    /// The legend: `{{model}} p95`, `__auto`; empty if not set.
    pub legend: String,
    /// Whether its result is not shown.
    pub hidden: bool,
    /// Whether it asks for the latest value alone.
    pub instant: bool,
    /// `time_series`, `table`, `heatmap`; empty if not set.
    pub format: String,
    /// Its own smallest step; empty if not set.
    pub interval: String,
    /// Whether it has any content beside letter and data source: a query of another language.
    pub other_content: bool,
    /// Everything it says, as the file has it; empty for queries of Prometheus, of which all is read.
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// Where a query goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRef {
    /// The kind of data source: `prometheus`; empty if not said.
    pub kind: String,
    /// Uid or, in old files, name; may hold a variable. Empty stands for the default data source.
    pub id: String,
}

impl SourceRef {
    /// Whether nothing is said: the default data source, or that of what surrounds it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.id.is_empty() || self.id == "default"
    }

    /// Whether each query of the panel says for itself where it goes.
    #[must_use]
    pub fn is_mixed(&self) -> bool {
        self.id == "-- Mixed --" || self.kind == "mixed"
    }

    /// Whether another panel's result is shown.
    #[must_use]
    pub fn is_dashboard(&self) -> bool {
        self.id == "-- Dashboard --"
    }

    /// Whether Grafana computes it from other queries of the panel.
    #[must_use]
    pub fn is_expression(&self) -> bool {
        self.kind == "__expr__" || self.id == "__expr__"
    }

    /// Whether it is one of Grafana's own sources, which need no provisioning.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.is_mixed()
            || self.is_dashboard()
            || self.is_expression()
            || self.id == "-- Grafana --"
            || self.id == "grafana"
            || matches!(self.kind.as_str(), "grafana" | "datasource")
    }
}

/// One variable of a dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Variable {
    /// Its name, without `$`.
    pub name: String,
    /// What kind of variable it is.
    pub kind: VariableKind,
    /// The query: PromQL functions of Grafana's, a list of values, or the kind of a data source.
    pub query: String,
    /// Where its query goes.
    pub source: SourceRef,
    /// The values that are written in the file.
    pub options: Vec<String>,
    /// The value chosen when the file was saved; several if it was several.
    pub current: Vec<String>,
    /// The filter on the query's results: `/.*"(.+)"/`; empty if there is none.
    pub regex: String,
    /// Whether several values, or all, can be chosen.
    pub multi: bool,
}

/// The kinds of variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VariableKind {
    /// Values come from a data source.
    Query,
    /// Values are written in the file.
    Custom,
    /// One value, not shown.
    Constant,
    /// Durations.
    Interval,
    /// The data sources of a kind.
    DataSource,
    /// Filters that Grafana adds to every query.
    AdHoc,
    /// Whatever the viewer types.
    TextBox,
    /// Any other kind: `groupby`, `switch`.
    #[default]
    Other,
}

/// Events drawn over the graphs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Its name.
    pub name: String,
    /// Where its query goes.
    pub source: SourceRef,
    /// The expression; empty for annotations that have none.
    pub expr: String,
    /// Whether it is switched on.
    pub enabled: bool,
}
