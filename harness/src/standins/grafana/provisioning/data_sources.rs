//! Data sources.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::map::{Fields, list, read as read_yaml};
use super::surroundings::Surroundings;
use super::yaml_files;
use crate::yaml::Problem;

/// A data source, as provisioned.
#[derive(Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "these are the switches Grafana has")]
pub(crate) struct DataSource {
    pub(crate) id: usize,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) access: String,
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) database: String,
    pub(crate) basic_auth: bool,
    pub(crate) basic_auth_user: String,
    pub(crate) with_credentials: bool,
    pub(crate) is_default: bool,
    pub(crate) editable: bool,
    pub(crate) json_data: Map<String, Value>,
    /// Passwords. Never shown.
    pub(crate) secure: BTreeMap<String, String>,
}

impl DataSource {
    /// A text of `jsonData`; empty if it is not there.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.json_data.get(key).and_then(Value::as_str).unwrap_or_default()
    }
}

impl std::fmt::Debug for DataSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataSource").field("uid", &self.uid).field("url", &self.url).finish_non_exhaustive()
    }
}

/// Reads the data sources of all files of a folder, sorted by name.
pub(super) fn read(
    folder: &Path,
    surroundings: &Surroundings,
    problems: &mut Vec<Problem>,
) -> Result<Vec<DataSource>, Problem> {
    let mut sources: Vec<DataSource> = Vec::new();
    for file in yaml_files(folder, problems) {
        let name = file.display().to_string();
        let value = read_yaml(&file, surroundings)?;
        if !value.is_null() && value["apiVersion"].is_null() {
            problems.push(Problem::of_file(&name, "the format is outdated; begin with `apiVersion: 1`"));
        }
        for fields in list(&value, "datasources", &file)? {
            let source = one(&fields, &name, problems)?;
            if let Some(other) = sources.iter().find(|other| other.uid == source.uid && other.name != source.name) {
                let message =
                    format!("is used by two data sources, {:?} and {:?}; give each its own", other.name, source.name);
                return Err(fields.problem("uid", &message));
            }
            if let Some(other) =
                sources.iter().find(|other| other.is_default && source.is_default && other.name != source.name)
            {
                let message = format!(
                    "is true for two data sources, {:?} and {:?}; only one can be the default",
                    other.name, source.name
                );
                return Err(fields.problem("isDefault", &message));
            }
            // A second one of the same name takes the place of the first.
            sources.retain(|other| other.name != source.name);
            sources.push(source);
        }
    }
    for (index, source) in sources.iter_mut().enumerate() {
        source.id = index + 1;
    }
    sources.sort_by_key(|source| source.name.to_lowercase());
    Ok(sources)
}

fn one(fields: &Fields<'_>, file: &str, problems: &mut Vec<Problem>) -> Result<DataSource, Problem> {
    fields.organisation()?;
    let mut source = DataSource {
        id: 0,
        uid: fields.text("uid")?,
        name: fields.text("name")?,
        kind: fields.text("type")?,
        access: fields.text("access")?,
        url: fields.text("url")?,
        user: fields.text("user")?,
        database: fields.text("database")?,
        basic_auth: fields.flag("basicAuth")?,
        basic_auth_user: fields.text("basicAuthUser")?,
        with_credentials: fields.flag("withCredentials")?,
        is_default: fields.flag("isDefault")?,
        editable: fields.flag("editable")?,
        json_data: fields.map("jsonData")?,
        secure: fields.texts("secureJsonData")?,
    };
    if source.name.is_empty() {
        return Err(fields.problem("name", "is missing; a data source needs one"));
    }
    if source.uid.is_empty() {
        source.uid = uid_of(&source.name);
    }
    let mut tell = |message: String| problems.push(Problem::of_file(file, message));
    if source.access != "proxy" && source.access != "direct" {
        if !source.access.is_empty() {
            tell(format!("data source {:?}: access {:?} is not known, taking \"proxy\"", source.name, source.access));
        }
        "proxy".clone_into(&mut source.access);
    }
    if source.kind != "prometheus" && source.kind != "jaeger" {
        tell(format!(
            "data source {:?}: no plug-in for type {:?}; every query will fail. This stand-in knows `prometheus` and `jaeger`",
            source.name, source.kind
        ));
    }
    Ok(source)
}

/// The uid of a data source that was given none: Grafana makes it from the name.
fn uid_of(name: &str) -> String {
    let digest = Sha256::digest(name);
    let first: [u8; 8] = std::array::from_fn(|index| digest[index]);
    format!("P{:016X}", u64::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_that_is_missing_is_made_from_the_name() {
        // The one every Grafana gives a provisioned data source called Prometheus.
        assert_eq!(uid_of("Prometheus"), "PBFA97CFB590B2093");
    }
}
