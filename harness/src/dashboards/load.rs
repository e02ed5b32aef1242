//! Reads dashboards, provisioning and rule files from disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use super::json::text;
use super::model::Dashboard;
use super::provisioning::{self, Provisioning};
use super::rules::{self, RuleFile};
use super::source::{MayBeEmpty, Source};
use super::{classic, second};

/// Largest dashboard, in bytes: 16 MiB. Grafana itself refuses far smaller ones.
const MOST_BYTES: u64 = 16 << 20;

/// Deepest nesting of folders that is followed, so that a link to a folder above ends somewhere.
const DEEPEST: usize = 16;

/// Dashboards and what belongs to them, read and not yet judged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dashboards {
    /// The dashboards, in the order of their paths.
    pub dashboards: Vec<Dashboard>,
    /// Files that were to be dashboards, rules or provisioning, and could not be read as such.
    pub troubles: Vec<Trouble>,
    /// What is provisioned; `None` if no provisioning folder was named, and data sources are then not judged.
    pub provisioning: Option<Provisioning>,
    /// Rule files of Prometheus.
    pub rules: Vec<RuleFile>,
    /// Panels that may show nothing.
    pub may_be_empty: Vec<MayBeEmpty>,
    /// The folders the dashboards are in.
    pub folders: Vec<PathBuf>,
}

impl Dashboards {
    /// Whether there is nothing to judge.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.dashboards.is_empty() && self.troubles.is_empty() && self.rules.is_empty() && self.may_be_empty.is_empty()
    }

    /// Every word of every expression: among them the names of all metrics that are asked for.
    #[must_use]
    pub fn words(&self) -> BTreeSet<String> {
        let of_dashboard = |dashboard: &Dashboard| -> Vec<String> {
            let panels =
                dashboard.panels.iter().flat_map(|panel| panel.targets.iter().map(|target| target.expr.clone()));
            let variables = dashboard.variables.iter().map(|variable| variable.query.clone());
            let annotations = dashboard.annotations.iter().map(|annotation| annotation.expr.clone());
            panels.chain(variables).chain(annotations).collect()
        };
        let rules = self.rules.iter().flat_map(|file| file.rules.iter().map(|rule| rule.expr.clone()));
        let texts = self.dashboards.iter().flat_map(of_dashboard).chain(rules);
        let mut words = BTreeSet::new();
        for text in texts {
            let of_text = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            words.extend(of_text.filter(|word| !word.is_empty()).map(str::to_owned));
        }
        words
    }
}

/// A file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The file.
    pub file: String,
    /// File, line and column, as far as known: `panels.json:3:5`.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What the file was to be.
    pub was_to_be: ToBe,
}

/// What a file was to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToBe {
    /// A dashboard.
    Dashboard,
    /// A file of data sources or dashboard providers.
    Provisioning,
    /// A Prometheus rule file.
    Rules,
}

/// A path that leads to nothing that could be judged.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", path.display())]
pub struct LoadError {
    /// The path.
    pub path: PathBuf,
    /// What is wrong and what to do.
    pub message: String,
}

/// Reads everything that `sources` name.
///
/// # Errors
/// If a path does not exist, or a folder has no dashboard in it. A file that cannot be read as what it was to be is no
/// error but a [`Trouble`], and a finding when judged.
pub fn load(sources: &[Source]) -> Result<Dashboards, LoadError> {
    let mut all = Dashboards::default();
    for source in sources {
        if !source.path.as_os_str().is_empty() {
            dashboards(&source.path, &mut all)?;
        }
        if let Some(folder) = &source.provisioning {
            exists(folder)?;
            provisioning::read(folder, all.provisioning.get_or_insert_default(), &mut all.troubles);
        }
        for path in &source.rules {
            exists(path)?;
            for file in files(path, &["yml", "yaml", "rules"]) {
                match rules::read(&file) {
                    Ok(rules) => all.rules.push(rules),
                    Err(trouble) => all.troubles.push(trouble),
                }
            }
        }
        all.may_be_empty.extend(source.may_be_empty.iter().cloned());
    }
    Ok(all)
}

fn exists(path: &Path) -> Result<(), LoadError> {
    fs::metadata(path)
        .map(|_| ())
        .map_err(|error| LoadError { path: path.to_owned(), message: format!("{error}; check the path") })
}

fn dashboards(path: &Path, all: &mut Dashboards) -> Result<(), LoadError> {
    exists(path)?;
    let found = files(path, &["json"]);
    if found.is_empty() {
        let message = "no file that ends in .json is in it; name a dashboard or a folder of dashboards".to_owned();
        return Err(LoadError { path: path.to_owned(), message });
    }
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    all.folders.push(folder.to_owned());
    let before = (all.dashboards.len(), all.troubles.len());
    for file in found {
        match read(&file) {
            Ok(Some(dashboard)) => all.dashboards.push(dashboard),
            // Other JSON lies in such folders too.
            Ok(None) => {}
            Err(trouble) => all.troubles.push(trouble),
        }
    }
    if before == (all.dashboards.len(), all.troubles.len()) {
        let message = "none of its JSON files is a dashboard: an object with `panels`, `rows` or `spec`".to_owned();
        return Err(LoadError { path: path.to_owned(), message });
    }
    Ok(())
}

/// The file at `path`, or the files under it that end so, in the order of their names.
pub(super) fn files(path: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if path.is_file() {
        found.push(path.to_owned());
    } else {
        walk(path, endings, 0, &mut found);
    }
    found.sort_unstable();
    found
}

fn walk(folder: &Path, endings: &[&str], depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                walk(&path, endings, depth + 1, found);
            }
        } else if path.extension().is_some_and(|extension| endings.iter().any(|ending| extension == *ending)) {
            found.push(path);
        }
    }
}

fn read(path: &Path) -> Result<Option<Dashboard>, Trouble> {
    parse(&text_of(path, ToBe::Dashboard)?, &path.display().to_string())
}

/// The text of a file, within bounds.
pub(super) fn text_of(path: &Path, was_to_be: ToBe) -> Result<String, Trouble> {
    let trouble = |message: String| {
        let file = path.display().to_string();
        Trouble { place: file.clone(), file, message, was_to_be }
    };
    let size = fs::metadata(path).map_err(|error| trouble(format!("cannot be read: {error}")))?.len();
    if size > MOST_BYTES {
        return Err(trouble(format!("larger than {} MiB, the limit", MOST_BYTES >> 20)));
    }
    let bytes = fs::read(path).map_err(|error| trouble(format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| trouble("not UTF-8; save the file as UTF-8".to_owned()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// Reads a dashboard of any schema; `None` if the text is JSON of another kind. `file` stands for it in findings.
///
/// # Errors
/// If it is not JSON, with line and column.
pub fn parse(text: &str, file: &str) -> Result<Option<Dashboard>, Trouble> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let reason = message.split(" at line ").next().unwrap_or(&message);
        Trouble {
            file: file.to_owned(),
            place: format!("{file}:{}:{}", error.line(), error.column()),
            message: format!("not JSON: {reason}"),
            was_to_be: ToBe::Dashboard,
        }
    })?;
    Ok(of_json(&json, file))
}

/// The dashboard in `json`, in whichever of Grafana's wrappings; `None` if there is none.
fn of_json(json: &Json, file: &str) -> Option<Dashboard> {
    if let Some(spec) = json.get("spec").filter(|spec| spec.is_object()) {
        let named = json.pointer("/metadata/name").and_then(Json::as_str).unwrap_or_default().to_owned();
        if spec.get("elements").is_some() {
            return Some(second::read(spec, named, file));
        }
        let mut dashboard = of_json(spec, file)?;
        if dashboard.uid.is_empty() {
            dashboard.uid = named;
        }
        return Some(dashboard);
    }
    if json.get("elements").is_some_and(Json::is_object) && json.get("layout").is_some() {
        return Some(second::read(json, text(json, "uid"), file));
    }
    // What the HTTP API answers.
    if let Some(inner) = json.get("dashboard").filter(|inner| inner.is_object()) {
        return of_json(inner, file);
    }
    let is_one = ["panels", "rows", "schemaVersion", "templating"].iter().any(|key| json.get(key).is_some());
    is_one.then(|| classic::read(json, file))
}
