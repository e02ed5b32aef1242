//! Dashboards as such: ids, uids, the folder they are looked for in, entries of `may-be-empty`.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::super::load::Dashboards;
use super::super::model::Dashboard;
use crate::checks::text::nothing_but;
use crate::finding::{Finding, Level, Place, Signal};

pub(super) fn judge(dashboards: &Dashboards, findings: &mut Vec<Finding>) {
    uids(dashboards, findings);
    for dashboard in &dashboards.dashboards {
        let mut ids: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
        for panel in &dashboard.panels {
            if let Some(id) = panel.id {
                ids.entry(id).or_default().push(&panel.title);
            }
        }
        for (id, titles) in ids.into_iter().filter(|(_, titles)| titles.len() > 1) {
            findings.push(
                Finding::violation(
                    "dashboard.panel-id-twice",
                    Signal::Dashboard,
                    format!("{} / panel {id}", dashboard.name()),
                    format!("{} panels have the id {id}", titles.len()),
                )
                // Grafana gives new ids when it loads the file: links by id break, nothing else does.
                .with_level(Level::Improvement)
                .at(Place { path: dashboard.file.clone(), ..Place::default() })
                .wanted("an id of its own for each panel")
                .found(titles.join(", "))
                .hint("give each panel its own `id`: links to a panel and repeated panels go by it"),
            );
        }
    }
    provider(dashboards, findings);
}

fn uids(dashboards: &Dashboards, findings: &mut Vec<Finding>) {
    let mut uids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for dashboard in dashboards.dashboards.iter().filter(|dashboard| !dashboard.uid.is_empty()) {
        uids.entry(&dashboard.uid).or_default().push(&dashboard.file);
    }
    for (uid, files) in uids.into_iter().filter(|(_, files)| files.len() > 1) {
        findings.push(
            Finding::violation(
                "dashboard.uid-twice",
                Signal::Dashboard,
                uid,
                format!("{} dashboards have the uid `{uid}`", files.len()),
            )
            .at(Place { path: files.join(", "), ..Place::default() })
            .wanted("a uid of its own for each dashboard")
            .found(files.join(", "))
            .hint("give each its own `uid`: Grafana refuses to write either of them as it is"),
        );
    }
}

/// Whether a provider looks where the dashboards are. In a container the folder has another place, but hardly ever
/// another name.
fn provider(dashboards: &Dashboards, findings: &mut Vec<Finding>) {
    let Some(provisioning) = &dashboards.provisioning else { return };
    for folder in &dashboards.folders {
        let name = last(folder);
        let paths: Vec<&str> = provisioning.providers.iter().map(|provider| provider.path.as_str()).collect();
        let found = paths.iter().any(|path| {
            let path = Path::new(path);
            last(path) == name || same(path, folder) || path.to_string_lossy().contains('$')
        });
        if found || name.is_empty() {
            continue;
        }
        let (found, near) = if paths.is_empty() {
            ("no provider at all".to_owned(), String::new())
        } else {
            (
                format!("providers look in {}", paths.join(", ")),
                nothing_but(&name, paths.iter().map(|path| path.rsplit('/').next().unwrap_or(path))),
            )
        };
        let near = if near.starts_with("nearest") { format!("; {near}") } else { String::new() };
        findings.push(
            Finding::violation(
                "dashboard.not-provisioned",
                Signal::Dashboard,
                folder.display().to_string(),
                format!("no provider looks into the folder `{name}`: Grafana never loads these dashboards"),
            )
            .at(Place {
                path: provisioning
                    .providers
                    .first()
                    .map_or_else(|| folder.display().to_string(), |provider| provider.file.clone()),
                ..Place::default()
            })
            .wanted(format!("a provider whose `options.path` ends in `{name}`"))
            .found(format!("{found}{near}"))
            .hint("set `options.path` in provisioning/dashboards to where the folder is mounted"),
        );
    }
}

fn last(path: &Path) -> String {
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    match canonical.components().next_back() {
        Some(Component::Normal(name)) => name.to_string_lossy().into_owned(),
        _ => String::new(),
    }
}

fn same(left: &Path, right: &Path) -> bool {
    matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
}

/// Entries of `may-be-empty` that name no panel any more.
pub(super) fn stale(dashboards: &Dashboards, covered: &[bool], findings: &mut Vec<Finding>) {
    for (entry, _) in dashboards.may_be_empty.iter().zip(covered).filter(|(_, covered)| !**covered) {
        let of_it = dashboards.dashboards.iter().find(|it| it.uid == entry.dashboard || it.title == entry.dashboard);
        let found = match of_it {
            None => nothing_but(&entry.dashboard, dashboards.dashboards.iter().map(Dashboard::name)),
            Some(dashboard) => nothing_but(&entry.panel, dashboard.panels.iter().map(|panel| panel.title.as_str())),
        };
        findings.push(
            Finding::violation(
                "panel.may-be-empty-stale",
                Signal::Dashboard,
                format!("{} / {}", entry.dashboard, entry.panel),
                "an entry of `may-be-empty` names a panel that is not there",
            )
            .wanted(format!("a panel `{}` with a query in the dashboard `{}`", entry.panel, entry.dashboard))
            .found(found)
            .hint(format!("remove the entry, or mend its names; its reason was: {}", entry.because)),
        );
    }
}
