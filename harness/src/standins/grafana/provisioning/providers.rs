//! Providers of dashboards: which folders hold them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::map::{Fields, list, read as read_yaml};
use super::surroundings::Surroundings;
use super::yaml_files;
use crate::yaml::Problem;

/// Where dashboards lie and how they are shown.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) name: String,
    /// The folder in which Grafana shows them; empty for none.
    pub(super) folder: String,
    pub(super) folder_uid: String,
    pub(super) allow_ui_updates: bool,
    /// The path as it was written.
    pub(super) path: PathBuf,
    /// Whether folders on disk become folders of Grafana.
    pub(super) folders_from_files: bool,
}

/// Reads the providers of all files of a folder.
pub(super) fn read(
    folder: &Path,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Provider>, Problem> {
    let mut providers = Vec::new();
    for file in yaml_files(folder, problems) {
        let mut value = read_yaml(&file, surroundings)?;
        if let Value::Array(_) = value {
            problems.push(Problem::of_file(
                &file.display().to_string(),
                "the format is outdated; begin with `apiVersion: 1` and put the list under `providers`",
            ));
            value = json!({ "providers": value });
        }
        for fields in list(&value, "providers", &file)? {
            providers.push(one(&fields, &file)?);
        }
    }
    Ok(providers)
}

fn one(fields: &Fields<'_>, file: &Path) -> Result<Provider, Problem> {
    fields.organisation()?;
    let kind = fields.text("type")?;
    if !kind.is_empty() && kind != "file" {
        return Err(fields.problem("type", &format!("{kind:?} is not supported; write `file`")));
    }
    let options = Value::Object(fields.map("options")?);
    let options = Fields::new(&options, file, "`options` of a provider".to_owned())?;
    let mut path = options.text("path")?;
    if path.is_empty() {
        path = options.text("folder")?;
    }
    if path.is_empty() {
        return Err(options.problem("path", "is missing; name the folder that holds the dashboards"));
    }
    Ok(Provider {
        name: fields.text("name")?,
        folder: fields.text("folder")?,
        folder_uid: fields.text("folderUid")?,
        allow_ui_updates: fields.flag("allowUiUpdates")?,
        path: path.into(),
        folders_from_files: options.flag("foldersFromFilesStructure")?,
    })
}
