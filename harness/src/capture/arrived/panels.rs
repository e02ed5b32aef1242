//! What the queries of dashboards were answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::json;

/// What a Grafana, or its stand-in, answered for the dashboards of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StoredPanels {
    /// Begin of the window asked for, in nanoseconds since the Unix epoch.
    pub from: u64,
    /// End of the window asked for.
    pub until: u64,
    /// Its data sources, and whether they answer.
    pub sources: Vec<SourceHealth>,
    /// Uids of the run's dashboards that it does not have.
    pub absent: Vec<String>,
    /// The answers, in the order of the dashboards.
    pub answers: Vec<PanelAnswer>,
}

/// A data source, and whether it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SourceHealth {
    /// Its uid.
    pub uid: String,
    /// Its name.
    pub name: String,
    /// Its kind: `prometheus`.
    pub kind: String,
    /// What is wrong with it; `None` if it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

/// What asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asker {
    /// A panel.
    #[default]
    Panel,
    /// A variable.
    Variable,
    /// An annotation.
    Annotation,
}

/// The answer to one query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PanelAnswer {
    /// The dashboard's uid, or its title where it has none.
    pub dashboard: String,
    /// What asked.
    pub asker: Asker,
    /// The panel's title, or the name of the variable or annotation.
    pub subject: String,
    /// The panel's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// The query's letter; empty for variables and annotations.
    #[serde(default)]
    pub ref_id: String,
    /// Uid of the data source asked.
    pub source: String,
    /// The query as it was sent, with the values of variables in it.
    pub query: String,
    /// What Grafana or the data source said in place of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What was said beside the answer.
    #[serde(default)]
    pub notices: Vec<String>,
    /// The series of the answer.
    #[serde(default)]
    pub series: Vec<AnsweredSeries>,
    /// Rows that hold no number, such as those of a list of traces.
    #[serde(default)]
    pub rows: u64,
    /// The values of a variable.
    #[serde(default)]
    pub values: Vec<String>,
}

/// One series of an answer, summed up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AnsweredSeries {
    /// Its name; mostly empty.
    #[serde(default)]
    pub name: String,
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Points with a number.
    pub points: u64,
    /// Points that are not a number, or infinite.
    #[serde(default)]
    pub not_numbers: u64,
    /// Points of zero.
    #[serde(default)]
    pub zeros: u64,
    /// The first number; NaN if there is none, as for the others.
    #[serde(with = "json::real")]
    pub first: f64,
    /// The last number.
    #[serde(with = "json::real")]
    pub last: f64,
    /// The smallest number.
    #[serde(with = "json::real")]
    pub min: f64,
    /// The largest number.
    #[serde(with = "json::real")]
    pub max: f64,
}

impl AnsweredSeries {
    /// Sums up the points of a series.
    #[must_use]
    pub fn of(name: String, labels: BTreeMap<String, String>, numbers: impl IntoIterator<Item = f64>) -> Self {
        let none = f64::NAN;
        let mut series =
            Self { name, labels, points: 0, not_numbers: 0, zeros: 0, first: none, last: none, min: none, max: none };
        for number in numbers {
            if !number.is_finite() {
                series.not_numbers += 1;
                continue;
            }
            series.points += 1;
            series.zeros += u64::from(number == 0.0);
            if series.first.is_nan() {
                series.first = number;
            }
            series.last = number;
            series.min = series.min.min(number);
            series.max = series.max.max(number);
        }
        series
    }

    /// Whether it has a number that is not zero.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.points > self.zeros
    }
}
