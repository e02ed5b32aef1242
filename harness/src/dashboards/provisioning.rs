//! Grafana's provisioning files: data sources and dashboard providers.

use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;

use super::duration;
use super::json::{list, plain, text, truth};
use super::load::{ToBe, Trouble, files, text_of};

/// What Grafana is given when it starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provisioning {
    /// Its data sources.
    pub sources: Vec<DataSource>,
    /// Where it looks for dashboards.
    pub providers: Vec<Provider>,
}

/// A data source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DataSource {
    /// Its name.
    pub name: String,
    /// Its uid; empty if the file leaves it to Grafana, which then makes one up.
    pub uid: String,
    /// Its kind: `prometheus`.
    pub kind: String,
    /// Whether queries that name no data source go to it.
    pub default: bool,
    /// How often the store behind it scrapes, as `jsonData.timeInterval` says.
    pub interval: Option<Duration>,
}

/// A dashboard provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// The file it is from.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The folder it looks in.
    pub path: String,
}

impl Provisioning {
    /// The data source of this uid or name.
    #[must_use]
    pub fn source(&self, id: &str) -> Option<&DataSource> {
        let by_uid = self.sources.iter().find(|source| source.uid == id);
        by_uid.or_else(|| self.sources.iter().find(|source| source.name == id))
    }

    /// The data source of queries that name none.
    #[must_use]
    pub fn default_source(&self) -> Option<&DataSource> {
        // Grafana makes a lone one the default.
        self.sources.iter().find(|source| source.default).or(match self.sources.as_slice() {
            [only] => Some(only),
            _ => None,
        })
    }
}

/// Adds what the files under `folder` say to `all`.
pub(super) fn read(folder: &Path, all: &mut Provisioning, troubles: &mut Vec<Trouble>) {
    for path in files(folder, &["yml", "yaml"]) {
        let file = path.display().to_string();
        match text_of(&path, ToBe::Provisioning).and_then(|text| yaml(&text, &file, ToBe::Provisioning)) {
            Ok(json) => add(&json, &file, all),
            Err(trouble) => troubles.push(trouble),
        }
    }
}

/// A YAML file of whatever content.
pub(super) fn yaml(text: &str, file: &str, was_to_be: ToBe) -> Result<Json, Trouble> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_events: 1_000_000, max_aliases: 1_000, max_anchors: 1_000, max_depth: 64 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place =
            error.location().map_or_else(|| file.to_owned(), |at| format!("{file}:{}:{}", at.line(), at.column()));
        Trouble { file: file.to_owned(), place, message: format!("not YAML: {}", error.without_snippet()), was_to_be }
    })
}

fn add(json: &Json, file: &str, all: &mut Provisioning) {
    for source in list(json, "datasources") {
        all.sources.push(DataSource {
            name: text(source, "name"),
            uid: text(source, "uid"),
            kind: text(source, "type"),
            default: truth(source, "isDefault"),
            interval: source.pointer("/jsonData/timeInterval").and_then(|interval| duration::parse(&plain(interval))),
        });
    }
    for provider in list(json, "providers") {
        let path = provider.pointer("/options/path").map(plain).unwrap_or_default();
        all.providers.push(Provider { file: file.to_owned(), name: text(provider, "name"), path });
    }
}
