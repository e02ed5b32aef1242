//! What Grafana answered, held against what the panels are for.

use rustc_hash::FxHashMap;

use super::judge::{Judged, Options, QueryVerdict};
use super::load::Dashboards;
use crate::capture::arrived::{AnsweredSeries, Asker, PanelAnswer, StoredPanels};
use crate::finding::{Finding, Level, Place, Signal};

/// What a query was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Numbers that are not all zero, rows, or values.
    Data,
    /// Series of zeros, or of what is no number.
    Zero,
    /// Nothing.
    NoData,
    /// An error.
    Error,
}

impl Shown {
    /// What `answer` is.
    #[must_use]
    pub fn of(answer: &PanelAnswer) -> Self {
        if answer.error.is_some() {
            Self::Error
        } else if answer.rows > 0
            || !answer.values.is_empty()
            || answer.series.iter().any(AnsweredSeries::says_something)
        {
            Self::Data
        } else if answer.series.iter().any(|it| it.points + it.not_numbers > 0) {
            Self::Zero
        } else {
            Self::NoData
        }
    }
}

/// Judges the answers: errors, and queries without data; why, where `judged` knows it. Returns how many were judged.
///
/// A query that `judged` calls wrong already is not called so again.
#[must_use]
pub fn judge_answers(
    panels: &StoredPanels,
    dashboards: &Dashboards,
    judged: &Judged,
    options: Options,
    findings: &mut Vec<Finding>,
) -> u64 {
    for source in &panels.sources {
        let Some(trouble) = &source.trouble else { continue };
        findings.push(
            Finding::violation(
                "dashboard.source-unhealthy",
                Signal::Dashboard,
                &source.uid,
                format!("the data source `{}` ({}) does not answer Grafana", source.name, source.kind),
            )
            .wanted("a data source that answers")
            .found(if trouble.is_empty() { "no reason given" } else { trouble })
            .hint("check its URL in `provisioning/datasources` as Grafana sees it, from inside its network"),
        );
    }
    for uid in &panels.absent {
        findings.push(
            Finding::violation(
                "dashboard.absent",
                Signal::Dashboard,
                uid,
                format!("Grafana does not have the dashboard `{uid}`"),
            )
            .wanted(format!("a dashboard of the uid `{uid}`"))
            .found("none")
            .hint("read Grafana's log for the file; check the provider's `options.path` and where it is mounted"),
        );
    }
    let verdicts: FxHashMap<Key<'_>, &QueryVerdict> =
        judged.verdicts.iter().map(|verdict| (key_of(verdict), verdict)).collect();
    let unwell = |uid: &str| panels.sources.iter().any(|source| source.uid == uid && source.trouble.is_some());
    // What a data source that is not well does not answer is no news.
    for answer in panels.answers.iter().filter(|answer| !unwell(&answer.source)) {
        let key = (answer.dashboard.as_str(), answer.subject.as_str(), answer.id, answer.ref_id.as_str());
        findings.extend(one(answer, verdicts.get(&key).copied(), panels, dashboards, options));
    }
    needless(panels, dashboards, findings);
    panels.answers.len() as u64
}

/// Dashboard, panel, its id, query.
type Key<'v> = (&'v str, &'v str, Option<i64>, &'v str);

fn key_of(verdict: &QueryVerdict) -> Key<'_> {
    (&verdict.dashboard, &verdict.subject, verdict.id, &verdict.ref_id)
}

fn one(
    answer: &PanelAnswer,
    verdict: Option<&QueryVerdict>,
    panels: &StoredPanels,
    dashboards: &Dashboards,
    options: Options,
) -> Option<Finding> {
    let shown = Shown::of(answer);
    let because: &[String] = verdict.map_or(&[], |verdict| &verdict.no_data_because);
    // The cause is told where it was found: in the file.
    if shown == Shown::Data || !because.is_empty() && shown != Shown::Zero {
        return None;
    }
    let may_be_empty = covering(answer, dashboards).next().is_some();
    let variable = answer.asker == Asker::Variable;
    let (id, level, message, found, hint) = match shown {
        Shown::Error => (
            if variable { "variable.no-value" } else { "panel.error" },
            Level::Violation,
            "the query was answered with an error".to_owned(),
            answer.error.clone().unwrap_or_default(),
            "read the error: it is the data source's own",
        ),
        _ if may_be_empty || answer.asker == Asker::Annotation => return None,
        Shown::NoData => {
            // On dashboards of which nothing is known, an empty panel may be right.
            let level = if options.all_happened || variable { Level::Violation } else { Level::Improvement };
            let span = duration(panels.until.saturating_sub(panels.from));
            let found = format!(
                "no series in the {span} asked for; metric, labels and values exist, so either nothing of it happened in \
                 that time, or there are fewer than two samples of it"
            );
            let found = if verdict.is_some() { found } else { format!("nothing in the {span} asked for") };
            (
                if variable { "variable.no-value" } else { "panel.no-data" },
                level,
                if variable { "the variable has no value".to_owned() } else { "no data".to_owned() },
                found,
                "drive it in a scenario; or name the panel in `may-be-empty`, with the reason",
            )
        }
        _ => {
            let numbers = answer.series.iter().any(|series| series.points > 0);
            let what = if numbers { "all zero" } else { "none of them a number (a division by zero?)" };
            (
                "panel.zero",
                Level::Improvement,
                if numbers { "zeros alone".to_owned() } else { "no number".to_owned() },
                format!("{} series, {what}", answer.series.len()),
                "drive a scenario in which it happens; or name the panel in `may-be-empty`, with the reason",
            )
        }
    };
    Some(finding(answer, id, level, &message, &found, hint))
}

fn finding(answer: &PanelAnswer, id: &'static str, level: Level, message: &str, found: &str, hint: &str) -> Finding {
    let mut found = found.to_owned();
    for notice in &answer.notices {
        found = format!("{found}; {notice}");
    }
    let name = match answer.asker {
        Asker::Panel => answer.subject.clone(),
        Asker::Variable => format!("${}", answer.subject),
        Asker::Annotation => format!("annotation {}", answer.subject),
    };
    let panel = answer.id.map(|id| format!(" (panel {id})")).unwrap_or_default();
    let query = if answer.ref_id.is_empty() { String::new() } else { format!(" › {}", answer.ref_id) };
    let letter = if answer.ref_id.is_empty() { String::new() } else { format!(" / {}", answer.ref_id) };
    Finding {
        level,
        id,
        check: "",
        signal: Signal::Dashboard,
        subject: format!("{} / {name}{letter}", answer.dashboard),
        place: Place {
            path: format!("{} › {name}{panel}{query}\n{}", answer.dashboard, answer.query),
            ..Place::default()
        },
        message: message.to_owned(),
        wanted: "data".to_owned(),
        found,
        hint: hint.to_owned(),
        more: 0,
    }
}

/// The entries of `may-be-empty` that are about this query.
fn covering<'d>(answer: &'d PanelAnswer, dashboards: &'d Dashboards) -> impl Iterator<Item = usize> + 'd {
    let title = dashboards.dashboards.iter().find(|it| it.name() == answer.dashboard).map(|it| it.title.as_str());
    dashboards
        .may_be_empty
        .iter()
        .enumerate()
        .filter(move |(_, entry)| {
            answer.asker == Asker::Panel
                && (entry.dashboard == answer.dashboard || Some(entry.dashboard.as_str()) == title)
                && entry.panel == answer.subject
                && entry.query.as_ref().is_none_or(|query| *query == answer.ref_id)
        })
        .map(|(at, _)| at)
}

/// Entries of `may-be-empty` whose queries all have data.
fn needless(panels: &StoredPanels, dashboards: &Dashboards, findings: &mut Vec<Finding>) {
    for (at, entry) in dashboards.may_be_empty.iter().enumerate() {
        let answers: Vec<&PanelAnswer> =
            panels.answers.iter().filter(|answer| covering(answer, dashboards).any(|other| other == at)).collect();
        if answers.is_empty() || answers.iter().any(|answer| Shown::of(answer) != Shown::Data) {
            continue;
        }
        findings.push(
            Finding::violation(
                "panel.may-be-empty-stale",
                Signal::Dashboard,
                format!("{} / {}", entry.dashboard, entry.panel),
                "an entry of `may-be-empty` is about a panel that has data",
            )
            .with_level(Level::Improvement)
            .wanted("a panel that is empty after this run")
            .found("data in every query of it")
            .hint(format!("remove the entry; its reason was: {}", entry.because)),
        );
    }
}

fn duration(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    if seconds < 120 { format!("{seconds} s") } else { format!("{} min", seconds / 60) }
}
