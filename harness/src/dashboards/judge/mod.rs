//! Holds dashboards, variables and rules against the metrics there really are.

mod defect;
mod excerpt;
mod expression;
mod functions;
mod matching;
mod panel;
mod quantity;
mod query_sources;
mod rule;
mod selector;
mod structure;
mod variable;
mod walk;

pub(in crate::dashboards) use variable::filter;

use super::load::{Dashboards, ToBe, Trouble};
use super::truth::Truth;
use crate::finding::{Finding, Level, Place, Signal};

/// How to judge.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether everything that can happen has happened, because scenarios drove it: a label value that was never seen is
    /// then a violation. Else it is worth knowing, unless it is only spelt otherwise.
    pub all_happened: bool,
}

/// What judging came to.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// What was found, in the order of the files.
    pub findings: Vec<Finding>,
    /// How many queries were held against the metrics.
    pub queries: u64,
    /// What each query of a panel, variable or annotation was found to be.
    pub verdicts: Vec<QueryVerdict>,
}

/// What was found of one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryVerdict {
    /// The dashboard's uid, or its title where it has none.
    pub dashboard: String,
    /// The panel's title, or the name of the variable or annotation.
    pub subject: String,
    /// The panel's id.
    pub id: Option<i64>,
    /// The query's letter; empty for variables and annotations.
    pub ref_id: String,
    /// Why it cannot have data, where that is known: `the metric `x` never existed (nearest: y)`.
    pub no_data_because: Vec<String>,
    /// Whether an entry of `may-be-empty` covers it.
    pub may_be_empty: bool,
}

/// Judges `dashboards` by `truth`.
///
/// Recording rules are judged first: what they record are metrics too.
#[must_use]
pub fn judge(dashboards: &Dashboards, truth: &Truth, options: Options) -> Judged {
    let mut judged = Judged::default();
    judged.findings.extend(dashboards.troubles.iter().map(unreadable));
    let mut truth = truth.clone();
    rule::judge_all(&dashboards.rules, &mut truth, options, &mut judged);
    structure::judge(dashboards, &mut judged.findings);
    let mut covered = vec![false; dashboards.may_be_empty.len()];
    for dashboard in &dashboards.dashboards {
        let scene = panel::Scene { dashboards, dashboard, truth: &truth, options };
        variable::judge_all(&scene, &mut judged);
        panel::judge_all(&scene, &mut covered, &mut judged);
    }
    structure::stale(dashboards, &covered, &mut judged.findings);
    judged
}

fn unreadable(trouble: &Trouble) -> Finding {
    let (id, wanted, hint) = match trouble.was_to_be {
        ToBe::Dashboard => {
            ("dashboard.unreadable", "a dashboard in JSON", "mend the file at that place; Grafana skips it as it is")
        }
        ToBe::Provisioning => (
            "dashboard.provisioning",
            "a provisioning file in YAML",
            "mend the file; Grafana does not start with it as it is",
        ),
        ToBe::Rules => {
            ("rule.unreadable", "a rule file of Prometheus", "mend the file; `promtool check rules` says more")
        }
    };
    Finding {
        level: Level::Violation,
        id,
        check: "",
        signal: Signal::Dashboard,
        subject: trouble.file.clone(),
        place: Place { path: trouble.place.clone(), ..Place::default() },
        message: trouble.message.clone(),
        wanted: wanted.to_owned(),
        found: trouble.message.clone(),
        hint: hint.to_owned(),
        more: 0,
    }
}
