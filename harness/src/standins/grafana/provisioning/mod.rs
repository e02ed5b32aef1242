//! Provisioning files: what Grafana is told at its start.
//!
//! A file with which Grafana would not start is an error here too; what
//! Grafana only writes into its log is a problem in a list.

mod dashboards;
mod data_sources;
mod expand;
mod map;
mod providers;
mod slug;
mod surroundings;

use std::path::{Path, PathBuf};

pub(super) use dashboards::Dashboard;
pub(super) use data_sources::DataSource;
pub(super) use surroundings::Surroundings;

use crate::yaml::Problem;

/// All that the files say.
#[derive(Debug)]
pub(super) struct Provisioned {
    pub(super) data_sources: Vec<DataSource>,
    pub(super) dashboards: Vec<Dashboard>,
    pub(super) problems: Vec<Problem>,
}

/// Reads `datasources` and `dashboards` of a provisioning folder.
pub(super) fn read(folder: &Path, surroundings: &Surroundings) -> Result<Provisioned, Problem> {
    let mut problems = Vec::new();
    let data_sources = data_sources::read(&folder.join("datasources"), surroundings, &mut problems)?;
    let providers = providers::read(&folder.join("dashboards"), surroundings, &mut problems)?;
    let dashboards = dashboards::read(&providers, surroundings, &mut problems);
    Ok(Provisioned { data_sources, dashboards, problems })
}

/// The YAML files of a folder, by name. A folder that cannot be read is a problem, not an error: Grafana goes on.
fn yaml_files(folder: &Path, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            let message = format!("the folder cannot be read: {error}; nothing of this kind is provisioned");
            problems.push(Problem::of_file(&folder.display().to_string(), message));
            return Vec::new();
        }
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
    files.sort();
    files
}
