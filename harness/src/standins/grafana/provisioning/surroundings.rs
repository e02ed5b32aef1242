//! What provisioning files refer to: variables and paths.

use std::fmt;
use std::path::{Path, PathBuf};

/// Looks up a variable.
pub(crate) type Environment = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Looks up variables, and finds the local files behind paths of a container.
pub(crate) struct Surroundings {
    pub(crate) environment: Environment,
    /// Beginnings of paths, and what stands for them here.
    pub(crate) paths: Vec<(PathBuf, PathBuf)>,
}

impl Default for Surroundings {
    fn default() -> Self {
        Self { environment: Box::new(|_| None), paths: Vec::new() }
    }
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("paths", &self.paths).finish_non_exhaustive()
    }
}

impl Surroundings {
    /// Where a path of a provisioning file lies here.
    pub(super) fn local(&self, path: &Path) -> PathBuf {
        let fits = |(container, local): &(PathBuf, PathBuf)| {
            let rest = path.strip_prefix(container).ok()?;
            // `join` with nothing would leave a slash at the end, and a file with one at its end is none.
            let local = if rest.as_os_str().is_empty() { local.clone() } else { local.join(rest) };
            Some((container.components().count(), local))
        };
        let nearest = self.paths.iter().filter_map(fits).max_by_key(|(length, _)| *length);
        nearest.map_or_else(|| path.to_owned(), |(_, local)| local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_that_fits_decides_where_a_path_lies() {
        let paths = [("/var", "/a"), ("/var/lib/grafana/dashboards", "/b/boards")];
        let surroundings = Surroundings {
            paths: paths.map(|(container, local)| (container.into(), local.into())).into(),
            ..Surroundings::default()
        };

        for (path, local) in [
            ("/var/lib/grafana/dashboards", "/b/boards"),
            ("/var/lib/grafana/dashboards/x.json", "/b/boards/x.json"),
            ("/var/lib/grafana/dashboards2", "/a/lib/grafana/dashboards2"),
            ("/etc/x", "/etc/x"),
        ] {
            assert_eq!(surroundings.local(Path::new(path)), Path::new(local));
        }
    }
}
