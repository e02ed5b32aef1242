//! Dashboards: the JSON files of the providers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};
use uuid::Uuid;

use super::providers::Provider;
use super::slug::slug;
use super::surroundings::Surroundings;
use crate::yaml::Problem;

/// A dashboard, as provisioned.
#[derive(Clone, Debug)]
pub(crate) struct Dashboard {
    pub(crate) id: usize,
    pub(crate) uid: String,
    pub(crate) title: String,
    pub(crate) slug: String,
    pub(crate) tags: Vec<String>,
    /// Title of its folder; empty for none.
    pub(crate) folder: String,
    pub(crate) folder_uid: String,
    pub(crate) allow_ui_updates: bool,
    /// The file, relative to the folder of the provider.
    pub(crate) external_id: String,
    /// RFC 3339: when the file was written.
    pub(crate) updated: String,
    /// All of it, with the id and version it has in the database.
    pub(crate) json: Value,
}

impl Dashboard {
    /// Its address.
    pub(crate) fn url(&self) -> String {
        format!("/d/{}/{}", self.uid, self.slug)
    }
}

/// Reads the dashboards of all providers, sorted by title. Whatever is wrong with one concerns it alone.
pub(super) fn read(providers: &[Provider], surroundings: &Surroundings, problems: &mut Vec<Problem>) -> Vec<Dashboard> {
    let mut dashboards: Vec<Dashboard> = Vec::new();
    let mut files_by_uid: BTreeMap<String, String> = BTreeMap::new();
    for provider in providers {
        let root = surroundings.local(&provider.path);
        let mut files = Vec::new();
        if let Err(error) = walk(&root, &mut files) {
            let message = format!(
                "dashboard provider {:?}: the folder cannot be read ({}): {error}; it shows no dashboards",
                provider.name,
                root.display()
            );
            problems.push(Problem::of_file(&provider.path.display().to_string(), message));
        }
        for file in files {
            let name = file.display().to_string();
            let read = match one(&file, &root, provider) {
                Ok(dashboard) => dashboard,
                Err(message) => {
                    problems.push(Problem::of_file(&name, message));
                    continue;
                }
            };
            if let Some(first) = files_by_uid.get(&read.uid) {
                let message =
                    format!("the uid {:?} is that of {first} too; this file is left out. Change one", read.uid);
                problems.push(Problem::of_file(&name, message));
                continue;
            }
            if let Some(same) = dashboards.iter().find(|other| other.title == read.title && other.folder == read.folder)
            {
                let message =
                    format!("the title {:?} is not unique in its folder: uid {:?} has it too", read.title, same.uid);
                problems.push(Problem::of_file(&name, message));
            }
            files_by_uid.insert(read.uid.clone(), name);
            dashboards.push(read);
        }
    }
    for (index, dashboard) in dashboards.iter_mut().enumerate() {
        dashboard.id = index + 1;
        dashboard.json["id"] = json!(dashboard.id);
        dashboard.json["uid"] = json!(dashboard.uid);
        dashboard.json["version"] = json!(1);
    }
    dashboards.sort_by_key(|dashboard| dashboard.title.to_lowercase());
    dashboards
}

/// All JSON files below a folder, by path; not in folders whose name begins with a dot.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // A link to a folder is not followed, so that there is no end of it.
        if entry.is_dir() && !entry.is_symlink() {
            if !hidden {
                walk(&entry, files)?;
            }
        } else if entry.extension().is_some_and(|extension| extension == "json") {
            files.push(entry);
        }
    }
    Ok(())
}

fn one(file: &Path, root: &Path, provider: &Provider) -> Result<Dashboard, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("cannot be read: {error}"))?;
    let json: Value = serde_json::from_slice(&bytes)
        .map_err(|error| format!("is not JSON: {error}; Grafana leaves the dashboard out"))?;
    if !json.is_object() {
        return Err("is not a dashboard: it must be a JSON object".to_owned());
    }
    let title = json["title"].as_str().unwrap_or_default().trim().to_owned();
    if title.is_empty() {
        return Err("has no `title`; Grafana leaves the dashboard out".to_owned());
    }
    let external_id = file.strip_prefix(root).unwrap_or(file).display().to_string();
    let uid = match json["uid"].as_str().unwrap_or_default() {
        "" => Uuid::new_v5(&Uuid::NAMESPACE_URL, external_id.as_bytes()).simple().to_string()[..14].to_owned(),
        uid => uid.to_owned(),
    };
    let folder = folder(file, root, provider);
    let folder_uid = match (&folder[..], &provider.folder_uid[..]) {
        ("", _) => String::new(),
        (title, "") => slug(title),
        (_, uid) => uid.to_owned(),
    };
    let tags = json["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let written = file.metadata().and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    Ok(Dashboard {
        id: 0,
        uid,
        slug: slug(&title),
        title,
        tags,
        folder,
        folder_uid,
        allow_ui_updates: provider.allow_ui_updates,
        external_id,
        updated: jiff::Timestamp::try_from(written).unwrap_or_default().to_string(),
        json,
    })
}

/// The folder in which Grafana shows a dashboard.
fn folder(file: &Path, root: &Path, provider: &Provider) -> String {
    let parent = file.parent().filter(|parent| provider.folders_from_files && *parent != root);
    match parent.and_then(Path::file_name) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => provider.folder.clone(),
    }
}
