//! The files a server finds in its container: those of the repository, copied through the engine.
//!
//! Copied and not bound, because the engine may run on another machine.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rendered;
use crate::config::{BackEndsConfig, GrafanaFiles, PrometheusFiles};

/// Where Prometheus keeps its configuration, in its image and in ours.
const PROMETHEUS: &str = "/etc/prometheus";

/// Where Grafana looks for what to provision.
const PROVISIONING: &str = "/etc/grafana/provisioning";

/// Its data sources.
const DATA_SOURCES: &str = "/etc/grafana/provisioning/datasources/";

/// Where dashboards are put if no provider says where it looks for them.
const DASHBOARDS: &str = "/var/lib/grafana/dashboards";

/// A file that cannot be given to a server.
#[derive(Debug, thiserror::Error)]
#[error("{}: {message}", .path.display())]
pub struct FileError {
    /// Which file.
    pub path: PathBuf,
    /// What is wrong and what to do.
    pub message: String,
}

/// A file in a container.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) path: String,
    pub(super) content: Vec<u8>,
}

/// Whether everything that is to be given to servers can be.
pub(super) fn check(config: &BackEndsConfig) -> Result<(), FileError> {
    if let Some(files) = &config.prometheus {
        prometheus(files, &files.target, 1)?;
    }
    if let Some(files) = &config.grafana {
        grafana(files)?;
    }
    Ok(())
}

/// What Prometheus is given, when it finds the service at `address`.
pub(super) fn prometheus(files: &PrometheusFiles, address: &str, time_factor: u32) -> Result<Vec<Placed>, FileError> {
    let text = read_text(&files.config)?;
    let rendered = rendered::configuration(&text, &files.target, address)
        .map_err(|message| FileError { path: files.config.clone(), message })?;
    let mut placed = vec![Placed { path: format!("{PROMETHEUS}/prometheus.yml"), content: rendered.into_bytes() }];
    for rules in &files.rules {
        let name = rules.file_name().unwrap_or_default().to_string_lossy();
        let content = rendered::rules(&read_text(rules)?, time_factor).into_bytes();
        placed.push(Placed { path: format!("{PROMETHEUS}/{name}"), content });
    }
    Ok(placed)
}

/// What Grafana is given.
pub(super) fn grafana(files: &GrafanaFiles) -> Result<Vec<Placed>, FileError> {
    let mut placed = Vec::new();
    place(&files.provisioning, PROVISIONING, &mut placed)?;
    for file in placed.iter_mut().filter(|file| file.path.starts_with(DATA_SOURCES)) {
        // What is no text is for Grafana to refuse.
        if let Ok(text) = std::str::from_utf8(&file.content) {
            file.content = rendered::data_sources(text).into_bytes();
        }
    }
    let dashboards = provider_folder(&files.provisioning)?.unwrap_or_else(|| DASHBOARDS.to_owned());
    place(&files.dashboards, &dashboards, &mut placed)?;
    Ok(placed)
}

/// Reads everything below a folder.
fn place(folder: &Path, target: &str, placed: &mut Vec<Placed>) -> Result<(), FileError> {
    for path in entries(folder)? {
        let target = format!("{target}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            place(&path, &target, placed)?;
        } else {
            let content = fs::read(&path).map_err(|error| unreadable(&path, &error))?;
            placed.push(Placed { path: target, content });
        }
    }
    Ok(())
}

/// What is in a folder, in the order of names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = entries.map_err(|error: std::io::Error| unreadable(folder, &error))?;
    entries.sort();
    Ok(entries)
}

fn unreadable(path: &Path, error: &std::io::Error) -> FileError {
    FileError {
        path: path.to_owned(),
        message: format!("cannot be read: {error}; check `back-ends` in the configuration"),
    }
}

fn read_text(path: &Path) -> Result<String, FileError> {
    fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

/// The part of a dashboard provider's file that says where its dashboards are.
#[derive(Deserialize)]
struct Providers {
    #[serde(default)]
    providers: Vec<Provider>,
}

#[derive(Deserialize)]
struct Provider {
    #[serde(default)]
    options: ProviderOptions,
}

#[derive(Default, Deserialize)]
struct ProviderOptions {
    path: Option<String>,
}

/// The folder in the container in which the first provider looks for dashboards.
fn provider_folder(provisioning: &Path) -> Result<Option<String>, FileError> {
    let folder = provisioning.join("dashboards");
    if !folder.is_dir() {
        return Ok(None);
    }
    for path in entries(&folder)? {
        if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let providers: Providers = serde_saphyr::from_str(&read_text(&path)?).map_err(|error| FileError {
                path: path.clone(),
                message: format!("is no file of providers: {error}"),
            })?;
            if let Some(path) = providers.providers.into_iter().find_map(|provider| provider.options.path) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn dashboards_are_put_where_their_provider_looks_for_them() {
        let folder = tempfile::tempdir().unwrap();
        let provider = "providers: [{name: all, options: {path: /dashboards}}]\n";
        write(folder.path(), "provisioning/dashboards/all.yaml", provider);
        write(folder.path(), "provisioning/datasources/all.yaml", "datasources: []\n");
        write(folder.path(), "boards/team/rag.json", "{}");
        let files = GrafanaFiles {
            provisioning: folder.path().join("provisioning"),
            dashboards: folder.path().join("boards"),
            user: "admin".to_owned(),
            password: "admin".to_owned(),
        };

        let placed = grafana(&files).unwrap();

        let paths: Vec<&str> = placed.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "/etc/grafana/provisioning/dashboards/all.yaml",
                "/etc/grafana/provisioning/datasources/all.yaml",
                "/dashboards/team/rag.json",
            ]
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named_with_what_to_check() {
        let files = PrometheusFiles {
            config: PathBuf::from("nowhere/prometheus.yml"),
            rules: Vec::new(),
            target: "service:8001".to_owned(),
        };

        let refused = prometheus(&files, "172.18.0.1:40123", 1).unwrap_err().to_string();

        assert!(
            refused.starts_with("nowhere/prometheus.yml: cannot be read") && refused.contains("back-ends"),
            "{refused}"
        );
    }
}
