//! Where dashboards are, as a configuration or a command line names them.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};

/// Dashboards to judge: a file or folder, and what belongs to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// A dashboard, or a folder of them, with the folders in it.
    pub path: PathBuf,
    /// Grafana's provisioning folder, with `datasources` and `dashboards` in it.
    pub provisioning: Option<PathBuf>,
    /// Prometheus rule files.
    pub rules: Vec<PathBuf>,
    /// Panels that may show nothing after a healthy run.
    pub may_be_empty: Vec<MayBeEmpty>,
}

/// A panel that may show nothing, or select what has not happened, after a healthy run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MayBeEmpty {
    /// The dashboard's uid, or its title where it has none.
    pub dashboard: String,
    /// The panel's title.
    pub panel: String,
    /// The query's letter; all of the panel's queries if absent.
    #[serde(default)]
    pub query: Option<String>,
    /// Why that is right.
    pub because: String,
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        struct Long {
            path: PathBuf,
            provisioning: Option<PathBuf>,
            #[serde(default)]
            rules: Vec<PathBuf>,
            #[serde(default)]
            may_be_empty: Vec<MayBeEmpty>,
        }
        struct Seen;
        impl<'de> Visitor<'de> for Seen {
            type Value = Source;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the path of a dashboard or a folder of dashboards, or a map with `path`")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<Source, E> {
                Ok(Source { path: path.into(), ..Source::default() })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Source, A::Error> {
                let Long { path, provisioning, rules, may_be_empty } =
                    Long::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Source { path, provisioning, rules, may_be_empty })
            }
        }
        deserializer.deserialize_any(Seen)
    }
}

impl Source {
    /// The same source with its paths relative to `folder`.
    #[must_use]
    pub fn inside(mut self, folder: &std::path::Path) -> Self {
        for path in [&mut self.path].into_iter().chain(&mut self.provisioning).chain(&mut self.rules) {
            *path = folder.join(&*path);
        }
        self
    }
}
